/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Generated from the definition in api/; do not edit. */

#ifndef MAYFLY_TYPES_H
#define MAYFLY_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum mayfly_file_type {
    MAYFLY_FILE_TYPE_REGULAR,
    MAYFLY_FILE_TYPE_DIRECTORY,
};

/* One entry of a directory. */
struct mayfly_dir_entry {
    uint64_t inode;
    char *name;
    enum mayfly_file_type type;
    char *note;
    bool has_size;
    int64_t size;
    char **tags;
    uint32_t n_tags;
};

struct mayfly_dir_entry_list {
    uint32_t len;
    struct mayfly_dir_entry *val;
};

/* A tree of entries. */
struct mayfly_tree {
    struct mayfly_dir_entry top;
    struct mayfly_dir_entry *entries;
    uint32_t n_entries;
    char **labels;
    uint32_t n_labels;
    uint8_t *raw;
    uint32_t n_raw;
};

struct mayfly_tree_list {
    uint32_t len;
    struct mayfly_tree *val;
};

/* Options of mayfly_list: `set` says which fields count. */
#define MAYFLY_LIST_DEEP (UINT64_C(1) << 0)
#define MAYFLY_LIST_LIMIT (UINT64_C(1) << 1)
#define MAYFLY_LIST_ONLY (UINT64_C(1) << 2)
struct mayfly_list_options {
    uint64_t set;
    bool deep;
    int32_t limit;
    const char *const *only;
};

#endif
