/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <config.h>

#include "compat/structs.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { UUID_SIZE = 32 };

/* A value of any type at an offset; memcpy because a table cannot promise
 * the compiler an alignment. */
#define READ(type, base, offset)                                               \
    __extension__({                                                            \
        type value_;                                                           \
        memcpy(&value_, (const char *)(base) + (offset), sizeof value_);       \
        value_;                                                                \
    })

static void
put(void *base, size_t offset, const void *value, size_t size)
{
    memcpy((char *)base + offset, value, size);
}

static size_t
kind_size(enum member_kind kind)
{
    switch (kind) {
    case MEMBER_STRING:
    case MEMBER_BLOB:
        return sizeof(char *);
    case MEMBER_UUID:
        return UUID_SIZE;
    case MEMBER_CHAR:
        return 1;
    case MEMBER_FLOAT:
        return sizeof(float);
    case MEMBER_I32:
    case MEMBER_U32:
        return 4;
    case MEMBER_I64:
    case MEMBER_U64:
        return 8;
    }
    return 0;
}

static bool
is_owned(const struct member *m)
{
    return m->kind == MEMBER_STRING || m->kind == MEMBER_BLOB;
}

static void
clear(const struct layout *l, void *value)
{
    for (size_t i = 0; i < l->n_members; i++) {
        if (is_owned(&l->members[i]))
            free(READ(char *, value, l->members[i].offset));
    }
}

/* --- compare --- */

static int
compare_blobs(const struct member *m, const void *a, const void *b)
{
    uint32_t n_a = READ(uint32_t, a, m->length_offset);
    uint32_t n_b = READ(uint32_t, b, m->length_offset);

    if (n_a != n_b)
        return n_a < n_b ? -1 : 1;
    if (n_a == 0)
        return 0;
    return memcmp(READ(char *, a, m->offset), READ(char *, b, m->offset), n_a);
}

#define COMPARE(type)                                                          \
    do {                                                                       \
        type x = READ(type, a, m->offset), y = READ(type, b, m->offset);       \
        return x < y ? -1 : x > y;                                             \
    } while (0)

static int
compare_member(const struct member *m, const void *a, const void *b)
{
    switch (m->kind) {
    case MEMBER_STRING:
        return strcmp(READ(char *, a, m->offset), READ(char *, b, m->offset));
    case MEMBER_BLOB:
        return compare_blobs(m, a, b);
    case MEMBER_UUID:
        return memcmp((const char *)a + m->offset, (const char *)b + m->offset,
            UUID_SIZE);
    case MEMBER_CHAR:
        COMPARE(char);
    case MEMBER_FLOAT:
        COMPARE(float);
    case MEMBER_I32:
        COMPARE(int32_t);
    case MEMBER_U32:
        COMPARE(uint32_t);
    case MEMBER_I64:
        COMPARE(int64_t);
    case MEMBER_U64:
        COMPARE(uint64_t);
    }
    return 0;
}

int
layout_compare(const struct layout *l, const void *a, const void *b)
{
    int r = 0;

    for (size_t i = 0; i < l->n_members && r == 0; i++)
        r = compare_member(&l->members[i], a, b);
    return r;
}

int
layout_compare_list(const struct layout *l, const void *a, uint32_t n_a,
    const void *b, uint32_t n_b)
{
    int r = n_a < n_b ? -1 : n_a > n_b;

    for (uint32_t i = 0; i < n_a && r == 0; i++)
        r = layout_compare(
            l, (const char *)a + i * l->size, (const char *)b + i * l->size);
    return r;
}

/* --- copy and free --- */

static char *
copy_blob(const char *bytes, size_t n)
{
    char *copy = malloc(n + 1);

    if (copy) {
        if (n > 0)
            memcpy(copy, bytes, n);
        copy[n] = '\0';
    }
    return copy;
}

/* Every owned member is set, on failure to NULL, so that clear can follow. */
static bool
copy_into(const struct layout *l, void *to, const void *from)
{
    bool ok = true;

    memcpy(to, from, l->size);
    for (size_t i = 0; i < l->n_members; i++) {
        const struct member *m = &l->members[i];
        const char *text;
        char *copy;

        if (!is_owned(m))
            continue;
        text = READ(char *, from, m->offset);
        copy = m->kind == MEMBER_STRING
                   ? copy_blob(text, strlen(text))
                   : copy_blob(text, READ(uint32_t, from, m->length_offset));
        ok = ok && copy;
        put(to, m->offset, &copy, sizeof copy);
    }
    return ok;
}

void *
layout_copy(const struct layout *l, const void *value)
{
    void *copy = malloc(l->size);

    if (copy && !copy_into(l, copy, value)) {
        layout_free(l, copy);
        return NULL;
    }
    return copy;
}

static struct any_list *
new_list(const struct layout *l, uint32_t n)
{
    struct any_list *list = calloc(1, sizeof *list);

    if (!list)
        return NULL;
    list->val = calloc(n ? n : 1, l->size);
    if (!list->val) {
        free(list);
        return NULL;
    }
    list->len = n;
    return list;
}

void *
layout_copy_list(const struct layout *l, const void *values, uint32_t n)
{
    struct any_list *list = new_list(l, n);
    bool ok = true;

    for (uint32_t i = 0; list && i < n; i++)
        ok = copy_into(l, (char *)list->val + i * l->size,
                 (const char *)values + i * l->size) &&
             ok;
    if (!ok) {
        layout_free_list(l, list);
        return NULL;
    }
    return list;
}

void
layout_free(const struct layout *l, void *value)
{
    if (value)
        clear(l, value);
    free(value);
}

void
layout_free_list(const struct layout *l, void *list)
{
    struct any_list *a = list;

    if (!a)
        return;
    for (uint32_t i = 0; i < a->len; i++)
        clear(l, (char *)a->val + i * l->size);
    free(a->val);
    free(a);
}

/* --- from mayfly's structures --- */

static bool
fill_owned(
    const struct member *m, const struct source *s, void *to, const void *ours)
{
    const char *text = "";
    uint32_t n = 0;
    char *copy;

    if (s->offset != NOWHERE)
        text = READ(char *, ours, s->offset);
    if (m->kind == MEMBER_BLOB) {
        n = s->offset == NOWHERE ? 0 : READ(uint32_t, ours, s->length_offset);
        put(to, m->length_offset, &n, sizeof n);
    } else {
        text = text ? text : "";
        n = (uint32_t)strlen(text);
    }
    copy = copy_blob(text, n);
    put(to, m->offset, &copy, sizeof copy);
    return copy != NULL;
}

static void
fill_plain(
    const struct member *m, const struct source *s, void *to, const void *ours)
{
    if (s->offset == NOWHERE)
        return;
    if (m->kind == MEMBER_FLOAT) {
        int32_t hundredths = READ(int32_t, ours, s->offset);
        float value = hundredths < 0 ? -1 : (float)hundredths / 100;

        put(to, m->offset, &value, sizeof value);
    } else if (m->kind == MEMBER_UUID || m->kind == MEMBER_CHAR) {
        const char *text = READ(char *, ours, s->offset);

        put(to, m->offset, text, strnlen(text ? text : "", kind_size(m->kind)));
    } else {
        put(to, m->offset, (const char *)ours + s->offset, kind_size(m->kind));
    }
}

static bool
fill(const struct layout *l, const struct source *sources, void *to,
    const void *ours)
{
    bool ok = true;

    memset(to, 0, l->size);
    for (size_t i = 0; i < l->n_members; i++) {
        const struct member *m = &l->members[i];

        if (is_owned(m))
            ok = fill_owned(m, &sources[i], to, ours) && ok;
        else
            fill_plain(m, &sources[i], to, ours);
    }
    return ok;
}

void *
layout_from(
    const struct layout *l, const struct source *sources, const void *ours)
{
    void *value = malloc(l->size);

    if (value && !fill(l, sources, value, ours)) {
        layout_free(l, value);
        return NULL;
    }
    return value;
}

void *
layout_list_from(const struct layout *l, const struct source *sources,
    size_t size, const void *ours, uint32_t n)
{
    struct any_list *list = new_list(l, n);
    bool ok = true;

    for (uint32_t i = 0; list && i < n; i++)
        ok = fill(l, sources, (char *)list->val + i * l->size,
                 (const char *)ours + i * size) &&
             ok;
    if (!ok) {
        layout_free_list(l, list);
        return NULL;
    }
    return list;
}

/* --- trace --- */

static void
print_blob(const char *bytes, uint32_t n, FILE *f)
{
    for (uint32_t i = 0; i < n; i++)
        fputc(bytes[i], f);
}

void
layout_print(const struct layout *l, const void *value, FILE *f)
{
    for (size_t i = 0; i < l->n_members; i++) {
        const struct member *m = &l->members[i];

        fprintf(f, "%s: ", m->name);
        switch (m->kind) {
        case MEMBER_STRING:
            fputs(READ(char *, value, m->offset), f);
            break;
        case MEMBER_BLOB:
            print_blob(READ(char *, value, m->offset),
                READ(uint32_t, value, m->length_offset), f);
            break;
        case MEMBER_UUID:
            print_blob((const char *)value + m->offset, UUID_SIZE, f);
            break;
        case MEMBER_CHAR:
            fputc(READ(char, value, m->offset), f);
            break;
        case MEMBER_FLOAT:
            fprintf(f, "%f", (double)READ(float, value, m->offset));
            break;
        case MEMBER_I32:
            fprintf(f, "%" PRIi32, READ(int32_t, value, m->offset));
            break;
        case MEMBER_U32:
            fprintf(f, "%" PRIu32, READ(uint32_t, value, m->offset));
            break;
        case MEMBER_I64:
            fprintf(f, "%" PRIi64, READ(int64_t, value, m->offset));
            break;
        case MEMBER_U64:
            fprintf(f, "%" PRIu64, READ(uint64_t, value, m->offset));
            break;
        }
        fputs(", ", f);
    }
}
