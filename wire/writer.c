/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <config.h>

#include "wire/wire.h"

#include <stdlib.h>
#include <string.h>

static uint8_t *
room_for(struct wire_writer *w, size_t n)
{
    if (w->bad || n > w->cap - w->used) {
        w->bad = true;
        return NULL;
    }
    if (n > w->room - w->used) {
        size_t room = w->room ? w->room : 256;

        while (room - w->used < n)
            room *= 2;
        uint8_t *bigger = realloc(w->p, room);
        if (!bigger) {
            w->bad = w->no_memory = true;
            return NULL;
        }
        w->p = bigger;
        w->room = room;
    }

    uint8_t *p = w->p + w->used;
    w->used += n;
    return p;
}

static void
put_little_endian(struct wire_writer *w, uint64_t v, size_t n)
{
    uint8_t *p = room_for(w, n);

    for (size_t i = 0; p && i < n; i++)
        p[i] = (uint8_t)(v >> (8 * i));
}

void
wire_put_u8(struct wire_writer *w, uint8_t v)
{
    put_little_endian(w, v, 1);
}

void
wire_put_u16(struct wire_writer *w, uint16_t v)
{
    put_little_endian(w, v, 2);
}

void
wire_put_u32(struct wire_writer *w, uint32_t v)
{
    put_little_endian(w, v, 4);
}

void
wire_put_u64(struct wire_writer *w, uint64_t v)
{
    put_little_endian(w, v, 8);
}

void
wire_put_i32(struct wire_writer *w, int32_t v)
{
    wire_put_u32(w, (uint32_t)v);
}

void
wire_put_i64(struct wire_writer *w, int64_t v)
{
    wire_put_u64(w, (uint64_t)v);
}

void
wire_put_i32_range(struct wire_writer *w, int32_t v, int32_t low, int32_t high)
{
    if (v < low || v > high)
        w->bad = true;
    wire_put_i32(w, v);
}

void
wire_put_i64_range(struct wire_writer *w, int64_t v, int64_t low, int64_t high)
{
    if (v < low || v > high)
        w->bad = true;
    wire_put_i64(w, v);
}

void
wire_put_bool(struct wire_writer *w, bool v)
{
    wire_put_u8(w, v);
}

void
wire_put_enum(struct wire_writer *w, uint32_t v, uint32_t count)
{
    if (v >= count)
        w->bad = true;
    wire_put_u32(w, v);
}

void
wire_put_count(struct wire_writer *w, uint32_t n, uint32_t max)
{
    if (n > max)
        w->bad = true;
    wire_put_u32(w, n);
}

void
wire_put_bytes(
    struct wire_writer *w, const uint8_t *data, uint32_t n, uint32_t max)
{
    wire_put_count(w, n, max);
    uint8_t *p = room_for(w, n);
    if (p && n > 0)
        memcpy(p, data, n);
}

void
wire_put_string(struct wire_writer *w, const char *s, uint32_t max)
{
    size_t n = s ? strlen(s) : SIZE_MAX;

    if (n > max) {
        w->bad = true;
        return;
    }
    wire_put_bytes(w, (const uint8_t *)s, (uint32_t)n, max);
}

void
wire_writer_free(struct wire_writer *w)
{
    free(w->p);
    w->p = NULL;
    w->used = w->room = 0;
}
