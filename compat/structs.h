/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The structures of guestfs.h, described by tables, so that copying, comparing,
 * freeing, tracing and filling them is written once. */
#pragma once
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum member_kind {
    MEMBER_STRING,
    MEMBER_BLOB, /* char * with an uint32_t of its length */
    MEMBER_UUID, /* char[32], without a zero byte */
    MEMBER_CHAR,
    MEMBER_FLOAT,
    MEMBER_I32,
    MEMBER_U32,
    MEMBER_I64,
    MEMBER_U64,
};

struct member {
    const char *name;
    enum member_kind kind;
    size_t offset;
    size_t length_offset; /* of a blob */
};

struct layout {
    const char *name; /* without "guestfs_" */
    size_t size;
    const struct member *members;
    size_t n_members;
};

/* Where a mayfly structure keeps the value of a member. */
#define NOWHERE SIZE_MAX
struct source {
    size_t offset;
    size_t length_offset;
};

/* The layout of every guestfs_X_list. */
struct any_list {
    uint32_t len;
    void *val;
};

int layout_compare(const struct layout *l, const void *a, const void *b);
int layout_compare_list(const struct layout *l, const void *a, uint32_t n_a,
    const void *b, uint32_t n_b);
/* NULL if out of memory. */
void *layout_copy(const struct layout *l, const void *value);
void *layout_copy_list(const struct layout *l, const void *values, uint32_t n);
void layout_free(const struct layout *l, void *value);
void layout_free_list(const struct layout *l, void *list);
void layout_print(const struct layout *l, const void *value, FILE *f);

/* A structure of libguestfs made from one of mayfly; NULL if out of
 * memory. */
void *layout_from(
    const struct layout *l, const struct source *sources, const void *ours);
void *layout_list_from(const struct layout *l, const struct source *sources,
    size_t size, const void *ours, uint32_t n);
