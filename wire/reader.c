/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <config.h>

#include "wire/wire.h"

#include <stdlib.h>
#include <string.h>

struct wire_chunk {
    struct wire_chunk *next;
    size_t room, used;
    max_align_t data[];
};

void *
wire_arena_alloc(struct wire_arena *a, size_t size)
{
    enum { ALIGN = _Alignof(max_align_t), CHUNK = 4096 };

    if (size > a->cap)
        return NULL;

    size_t n = (size + ALIGN - 1) & ~(size_t)(ALIGN - 1);
    if (n > a->cap - a->used)
        return NULL;

    struct wire_chunk *c = a->chunks;
    if (!c || n > c->room - c->used) {
        size_t room = n > CHUNK ? n : CHUNK;

        c = malloc(sizeof *c + room);
        if (!c) {
            a->no_memory = true;
            return NULL;
        }
        *c = (struct wire_chunk){.next = a->chunks, .room = room};
        a->chunks = c;
    }

    void *p = (uint8_t *)c->data + c->used;
    c->used += n;
    a->used += n;
    return memset(p, 0, n);
}

void
wire_arena_free(struct wire_arena *a)
{
    for (struct wire_chunk *c = a->chunks, *next; c; c = next) {
        next = c->next;
        free(c);
    }
    a->chunks = NULL;
    a->used = 0;
}

static void *
reader_alloc(struct wire_reader *r, size_t size)
{
    void *p = r->bad ? NULL : wire_arena_alloc(r->arena, size);

    if (!p)
        r->bad = true;
    return p;
}

const uint8_t *
wire_take(struct wire_reader *r, size_t n)
{
    if (r->bad || n > r->left) {
        r->bad = true;
        return NULL;
    }

    const uint8_t *p = r->p;
    r->p += n;
    r->left -= n;
    return p;
}

uint8_t
wire_get_u8(struct wire_reader *r)
{
    const uint8_t *p = wire_take(r, 1);

    return p ? p[0] : 0;
}

uint16_t
wire_get_u16(struct wire_reader *r)
{
    const uint8_t *p = wire_take(r, 2);

    return p ? (uint16_t)(p[0] | (unsigned)p[1] << 8) : 0;
}

uint32_t
wire_get_u32(struct wire_reader *r)
{
    const uint8_t *p = wire_take(r, 4);

    return p ? (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
                   (uint32_t)p[3] << 24
             : 0;
}

uint64_t
wire_get_u64(struct wire_reader *r)
{
    uint64_t low = wire_get_u32(r), high = wire_get_u32(r);

    return r->bad ? 0 : low | high << 32;
}

int32_t
wire_get_i32(struct wire_reader *r)
{
    return (int32_t)wire_get_u32(r);
}

int64_t
wire_get_i64(struct wire_reader *r)
{
    return (int64_t)wire_get_u64(r);
}

int32_t
wire_get_i32_range(struct wire_reader *r, int32_t low, int32_t high)
{
    int32_t v = wire_get_i32(r);

    if (v < low || v > high)
        r->bad = true;
    return r->bad ? 0 : v;
}

int64_t
wire_get_i64_range(struct wire_reader *r, int64_t low, int64_t high)
{
    int64_t v = wire_get_i64(r);

    if (v < low || v > high)
        r->bad = true;
    return r->bad ? 0 : v;
}

bool
wire_get_bool(struct wire_reader *r)
{
    uint8_t v = wire_get_u8(r);

    if (v > 1)
        r->bad = true;
    return v == 1;
}

uint32_t
wire_get_enum(struct wire_reader *r, uint32_t count)
{
    uint32_t v = wire_get_u32(r);

    if (v >= count)
        r->bad = true;
    return r->bad ? 0 : v;
}

char *
wire_get_string(struct wire_reader *r, uint32_t max)
{
    uint32_t n = wire_get_u32(r);

    if (n > max)
        r->bad = true;
    const uint8_t *p = wire_take(r, n);
    if (!p || memchr(p, 0, n)) {
        r->bad = true;
        return NULL;
    }
    char *s = reader_alloc(r, (size_t)n + 1);
    return s ? memcpy(s, p, n) : NULL;
}

uint8_t *
wire_get_bytes(struct wire_reader *r, uint32_t max, uint32_t *ret_n)
{
    uint32_t n = wire_get_u32(r);

    *ret_n = 0;
    if (n > max)
        r->bad = true;
    const uint8_t *p = wire_take(r, n);
    uint8_t *data = p ? reader_alloc(r, (size_t)n + 1) : NULL;
    if (!data)
        return NULL;
    *ret_n = n;
    return memcpy(data, p, n);
}

void *
wire_get_list(struct wire_reader *r, uint32_t max, size_t wire_min, size_t size,
    uint32_t *ret_n)
{
    uint32_t n = wire_get_u32(r);

    *ret_n = 0;
    if (r->bad || n > max || n > r->left / wire_min) {
        r->bad = true;
        return NULL;
    }
    /* One element more, zeroed: the NULL that ends a list of strings. */
    void *list = reader_alloc(r, ((size_t)n + 1) * size);
    if (list)
        *ret_n = n;
    return list;
}

bool
wire_finish(struct wire_reader *r)
{
    if (r->left > 0)
        r->bad = true;
    return !r->bad;
}
