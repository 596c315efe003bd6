/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Strings and lists in the memory of a call.  None returns NULL: see
 * call_alloc. */
#pragma once
#include <stddef.h>
#include <stdint.h>

struct call;

void call_defer_close(struct call *c, int fd);
char *call_strdup(struct call *c, const char *s);
char *call_strndup(struct call *c, const char *s, size_t n);
char *call_printf(struct call *c, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* A growing list of strings or of structs. */
struct list {
    void *items; /* an array, NULL-terminated (zeroed element at the end) */
    uint32_t n, room;
};

/* Room for one more element of SIZE bytes, zeroed. */
void *list_add_size(struct call *c, struct list *l, size_t size);
#define list_add(c, l, type) ((type *)list_add_size((c), (l), sizeof(type)))
void list_add_string(struct call *c, struct list *l, const char *s);

/* Sort strings in strcmp order. */
void list_sort_strings(struct list *l);
