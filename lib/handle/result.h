/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Structures given to the caller.  Their strings and lists live in an arena
 * directly before them, so one mayfly_free_X frees everything. */
#pragma once
#include <stddef.h>

#include "wire/wire.h"

/* A zeroed structure of SIZE bytes, or NULL; *ret_arena is for what it points
 * to. */
void *result_new(size_t size, struct wire_arena **ret_arena);

/* As above, taking over an arena and a copy of the structure. */
void *result_take(struct wire_arena *arena, const void *value, size_t size);
void result_free(void *value);
