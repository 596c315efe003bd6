/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Generated from the definition in api/; do not edit. */

#ifndef MAYFLY_CALLS_H
#define MAYFLY_CALLS_H

#include <mayfly-types.h>

struct mayfly;

void mayfly_free_dir_entry(struct mayfly_dir_entry *value);
void mayfly_free_dir_entry_list(
    struct mayfly_dir_entry_list *value);

void mayfly_free_tree(struct mayfly_tree *value);
void mayfly_free_tree_list(
    struct mayfly_tree_list *value);

/* Return the content of a file.
 *
 * The whole *path* is read, 'quoted' text, a `word` and C:\back included:
 *
 *     .indented, and begins with a dot
 *     'indented, and begins with a quote
 *
 * 'This one' begins with a quote too. */
int mayfly_cat(struct mayfly *g, const char *path, char **ret);

/* List the entries of a directory. */
int mayfly_list(struct mayfly *g, const char *path, const struct mayfly_list_options
    *options, struct mayfly_dir_entry_list **ret);

/* Check whether a device is there. */
int mayfly_there(struct mayfly *g, const char *device, bool *ret);

/* Write a file. */
int mayfly_upload(struct mayfly *g, const char *remote, const char *local);

/* Read a file to the host. */
int mayfly_download(struct mayfly *g, const char *remote, const char *local);

/* Name it. */
int mayfly_label(struct mayfly *g, const char *const *names, char **ret);

/* Return all pairs. */
int mayfly_pairs(struct mayfly *g, char ***ret);

/* Done by the library. */
int mayfly_launch(struct mayfly *g);

/* Count the numbers. */
int mayfly_count(struct mayfly *g, int32_t low, uint64_t big, int64_t *ret);

#endif
