/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <config.h>

#include "lib/handle/result.h"

#include <stdlib.h>
#include <string.h>

struct holder {
    struct wire_arena arena;
    max_align_t value[];
};

void *
result_new(size_t size, struct wire_arena **ret_arena)
{
    struct holder *h = calloc(1, sizeof *h + size);

    if (!h)
        return NULL;
    h->arena.cap = SIZE_MAX / 2;
    *ret_arena = &h->arena;
    return h->value;
}

void *
result_take(struct wire_arena *arena, const void *value, size_t size)
{
    struct holder *h = malloc(sizeof *h + size);

    if (!h)
        return NULL;
    memcpy(h->value, value, size);
    h->arena = *arena;
    *arena = (struct wire_arena){0};
    return h->value;
}

void
result_free(void *value)
{
    if (!value)
        return;
    struct holder *h =
        (struct holder *)((char *)value - offsetof(struct holder, value));
    wire_arena_free(&h->arena);
    free(h);
}
