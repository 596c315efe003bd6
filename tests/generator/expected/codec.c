/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Generated from the definition in api/; do not edit. */

#include <config.h>

#include "codec.h"

#include <stdint.h>
#include <string.h>

#define STRINGS(list) ((const char *const *)(list))

/* Two strings for each pair, and the NULL at the end. */
static char **
get_pairs(struct wire_reader *r, uint32_t max, size_t least, uint32_t *ret_n)
{
    struct pair {
        char *key, *value;
    };
    struct pair *pairs = wire_get_list(r, max, least, sizeof *pairs, ret_n);

    return (char **)pairs;
}

static bool
valid_filename(const char *s)
{
    return !strpbrk(s, "/") &&
        strcmp(s, "") != 0 &&
        strcmp(s, ".") != 0 &&
        strcmp(s, "..") != 0;
}

static char *
get_filename(struct wire_reader *r)
{
    char *s = wire_get_string(r, 255);

    if (s && !valid_filename(s))
        r->bad = true;
    return r->bad ? NULL : s;
}

static void
put_filename(struct wire_writer *w, const char *s)
{
    if (s && !valid_filename(s))
        w->bad = true;
    wire_put_string(w, s, 255);
}

static void
get_dir_entry(struct wire_reader *r, struct mayfly_dir_entry *v)
{
    v->inode = wire_get_u64(r);
    v->name = get_filename(r);
    v->type = (enum mayfly_file_type)wire_get_enum(r, 2);
    if (wire_get_bool(r))
        v->note = wire_get_string(r, 10);
    if ((v->has_size = wire_get_bool(r)))
        v->size = wire_get_i64(r);
    {
        uint32_t n;
        char **list = wire_get_list(r, 4, 4, sizeof *list, &n);
        for (size_t i = 0; i < n; i++)
            list[i] = wire_get_string(r, 20);
        v->tags = list;
        v->n_tags = n;
    }
}

static void
put_dir_entry(struct wire_writer *w, const struct mayfly_dir_entry *v)
{
    wire_put_u64(w, v->inode);
    put_filename(w, v->name);
    wire_put_enum(w, (uint32_t)v->type, 2);
    wire_put_bool(w, v->note != NULL);
    if (v->note != NULL)
        wire_put_string(w, v->note, 10);
    wire_put_bool(w, v->has_size);
    if (v->has_size)
        wire_put_i64(w, v->size);
    wire_put_count(w, v->n_tags, 4);
    for (size_t i = 0; i < v->n_tags; i++)
        wire_put_string(w, v->tags[i], 20);
}

static void
get_tree(struct wire_reader *r, struct mayfly_tree *v)
{
    get_dir_entry(r, &v->top);
    {
        uint32_t n;
        struct mayfly_dir_entry *list = wire_get_list(r, 100, 22, sizeof *list, &n);
        for (size_t i = 0; i < n; i++)
            get_dir_entry(r, &list[i]);
        v->entries = list;
        v->n_entries = n;
    }
    {
        uint32_t n;
        char **list = get_pairs(r, 10, 8, &n);
        for (size_t i = 0; i < n; i++) {
            list[2 * i] = get_filename(r);
            list[2 * i + 1] = wire_get_string(r, 4096);
        }
        v->labels = list;
        v->n_labels = n;
    }
    v->raw = wire_get_bytes(r, 16, &v->n_raw);
}

static void
put_tree(struct wire_writer *w, const struct mayfly_tree *v)
{
    put_dir_entry(w, &v->top);
    wire_put_count(w, v->n_entries, 100);
    for (size_t i = 0; i < v->n_entries; i++)
        put_dir_entry(w, &v->entries[i]);
    wire_put_count(w, v->n_labels, 10);
    for (size_t i = 0; i < v->n_labels; i++) {
        put_filename(w, v->labels[2 * i]);
        wire_put_string(w, v->labels[2 * i + 1], 4096);
    }
    wire_put_bytes(w, v->raw, v->n_raw, 16);
}

bool
api_get_cat_args(struct wire_reader *r, struct api_cat_args *v)
{
    *v = (struct api_cat_args){0};
    v->path = wire_get_string(r, 4096);
    return wire_finish(r);
}

void
api_put_cat_args(struct wire_writer *w, const struct api_cat_args *v)
{
    wire_put_string(w, v->path, 4096);
}

bool
api_get_cat_ret(struct wire_reader *r, struct api_cat_ret *v)
{
    *v = (struct api_cat_ret){0};
    v->value = wire_get_string(r, 1000);
    return wire_finish(r);
}

void
api_put_cat_ret(struct wire_writer *w, const struct api_cat_ret *v)
{
    wire_put_string(w, v->value, 1000);
}

bool
api_get_list_args(struct wire_reader *r, struct api_list_args *v)
{
    *v = (struct api_list_args){0};
    v->path = wire_get_string(r, 4096);
    if ((v->has_deep = wire_get_bool(r)))
        v->deep = wire_get_bool(r);
    if ((v->has_limit = wire_get_bool(r)))
        v->limit = wire_get_i32_range(r, 0, 100);
    {
        uint32_t n;
        char **list = wire_get_list(r, 9, 4, sizeof *list, &n);
        for (size_t i = 0; i < n; i++)
            list[i] = get_filename(r);
        v->only = STRINGS(list);
        v->n_only = n;
    }
    return wire_finish(r);
}

void
api_put_list_args(struct wire_writer *w, const struct api_list_args *v)
{
    wire_put_string(w, v->path, 4096);
    wire_put_bool(w, v->has_deep);
    if (v->has_deep)
        wire_put_bool(w, v->deep);
    wire_put_bool(w, v->has_limit);
    if (v->has_limit)
        wire_put_i32_range(w, v->limit, 0, 100);
    wire_put_count(w, v->n_only, 9);
    for (size_t i = 0; i < v->n_only; i++)
        put_filename(w, v->only[i]);
}

bool
api_get_list_ret(struct wire_reader *r, struct api_list_ret *v)
{
    *v = (struct api_list_ret){0};
    {
        uint32_t n;
        struct mayfly_dir_entry *list = wire_get_list(r, 1000, 22, sizeof *list, &n);
        for (size_t i = 0; i < n; i++)
            get_dir_entry(r, &list[i]);
        v->value = list;
        v->n_value = n;
    }
    return wire_finish(r);
}

void
api_put_list_ret(struct wire_writer *w, const struct api_list_ret *v)
{
    wire_put_count(w, v->n_value, 1000);
    for (size_t i = 0; i < v->n_value; i++)
        put_dir_entry(w, &v->value[i]);
}

bool
api_get_tree_args(struct wire_reader *r, struct api_tree_args *v)
{
    *v = (struct api_tree_args){0};
    v->key = wire_get_bytes(r, 64, &v->n_key);
    return wire_finish(r);
}

void
api_put_tree_args(struct wire_writer *w, const struct api_tree_args *v)
{
    wire_put_bytes(w, v->key, v->n_key, 64);
}

bool
api_get_tree_ret(struct wire_reader *r, struct api_tree_ret *v)
{
    *v = (struct api_tree_ret){0};
    get_tree(r, &v->value);
    return wire_finish(r);
}

void
api_put_tree_ret(struct wire_writer *w, const struct api_tree_ret *v)
{
    put_tree(w, &v->value);
}

bool
api_get_there_args(struct wire_reader *r, struct api_there_args *v)
{
    *v = (struct api_there_args){0};
    v->device = wire_get_string(r, 512);
    return wire_finish(r);
}

void
api_put_there_args(struct wire_writer *w, const struct api_there_args *v)
{
    wire_put_string(w, v->device, 512);
}

bool
api_get_there_ret(struct wire_reader *r, struct api_there_ret *v)
{
    *v = (struct api_there_ret){0};
    v->value = wire_get_bool(r);
    return wire_finish(r);
}

void
api_put_there_ret(struct wire_writer *w, const struct api_there_ret *v)
{
    wire_put_bool(w, v->value);
}

bool
api_get_upload_args(struct wire_reader *r, struct api_upload_args *v)
{
    *v = (struct api_upload_args){0};
    v->remote = wire_get_string(r, 4096);
    return wire_finish(r);
}

void
api_put_upload_args(struct wire_writer *w, const struct api_upload_args *v)
{
    wire_put_string(w, v->remote, 4096);
}

bool
api_get_upload_ret(struct wire_reader *r, struct api_upload_ret *v)
{
    (void)v;
    return wire_finish(r);
}

void
api_put_upload_ret(struct wire_writer *w, const struct api_upload_ret *v)
{
    (void)w;
    (void)v;
}

bool
api_get_download_args(struct wire_reader *r, struct api_download_args *v)
{
    *v = (struct api_download_args){0};
    v->remote = wire_get_string(r, 4096);
    return wire_finish(r);
}

void
api_put_download_args(struct wire_writer *w, const struct api_download_args *v)
{
    wire_put_string(w, v->remote, 4096);
}

bool
api_get_download_ret(struct wire_reader *r, struct api_download_ret *v)
{
    (void)v;
    return wire_finish(r);
}

void
api_put_download_ret(struct wire_writer *w, const struct api_download_ret *v)
{
    (void)w;
    (void)v;
}

bool
api_get_label_args(struct wire_reader *r, struct api_label_args *v)
{
    *v = (struct api_label_args){0};
    {
        uint32_t n;
        char **list = wire_get_list(r, 4, 4, sizeof *list, &n);
        for (size_t i = 0; i < n; i++)
            list[i] = get_filename(r);
        v->names = STRINGS(list);
        v->n_names = n;
    }
    return wire_finish(r);
}

void
api_put_label_args(struct wire_writer *w, const struct api_label_args *v)
{
    wire_put_count(w, v->n_names, 4);
    for (size_t i = 0; i < v->n_names; i++)
        put_filename(w, v->names[i]);
}

bool
api_get_label_ret(struct wire_reader *r, struct api_label_ret *v)
{
    *v = (struct api_label_ret){0};
    if (wire_get_bool(r))
        v->value = wire_get_string(r, 10);
    return wire_finish(r);
}

void
api_put_label_ret(struct wire_writer *w, const struct api_label_ret *v)
{
    wire_put_bool(w, v->value != NULL);
    if (v->value != NULL)
        wire_put_string(w, v->value, 10);
}

bool
api_get_pairs_args(struct wire_reader *r, struct api_pairs_args *v)
{
    (void)v;
    return wire_finish(r);
}

void
api_put_pairs_args(struct wire_writer *w, const struct api_pairs_args *v)
{
    (void)w;
    (void)v;
}

bool
api_get_pairs_ret(struct wire_reader *r, struct api_pairs_ret *v)
{
    *v = (struct api_pairs_ret){0};
    {
        uint32_t n;
        char **list = get_pairs(r, 10, 8, &n);
        for (size_t i = 0; i < n; i++) {
            list[2 * i] = get_filename(r);
            list[2 * i + 1] = wire_get_string(r, 4096);
        }
        v->value = STRINGS(list);
        v->n_value = n;
    }
    return wire_finish(r);
}

void
api_put_pairs_ret(struct wire_writer *w, const struct api_pairs_ret *v)
{
    wire_put_count(w, v->n_value, 10);
    for (size_t i = 0; i < v->n_value; i++) {
        put_filename(w, v->value[2 * i]);
        wire_put_string(w, v->value[2 * i + 1], 4096);
    }
}

bool
api_get_count_args(struct wire_reader *r, struct api_count_args *v)
{
    *v = (struct api_count_args){0};
    v->low = wire_get_i32_range(r, -5, 5);
    v->big = wire_get_u64(r);
    return wire_finish(r);
}

void
api_put_count_args(struct wire_writer *w, const struct api_count_args *v)
{
    wire_put_i32_range(w, v->low, -5, 5);
    wire_put_u64(w, v->big);
}

bool
api_get_count_ret(struct wire_reader *r, struct api_count_ret *v)
{
    *v = (struct api_count_ret){0};
    v->value = wire_get_i64(r);
    return wire_finish(r);
}

void
api_put_count_ret(struct wire_writer *w, const struct api_count_ret *v)
{
    wire_put_i64(w, v->value);
}
