/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Generated from the definition in api/; do not edit. */

#pragma once
#include <mayfly-types.h>

#include "wire/wire.h"

/* Of the definition: both ends must have the same. */
#define API_HASH \
    "1b89f3ffb330accce36bda3a28f05800a5ddd490ffc9f30fb4fa4b121f6005ef"

enum api_call {
    API_CAT = 1,
    API_COUNT = 2,
    API_DOWNLOAD = 3,
    API_LABEL = 4,
    API_LIST = 5,
    API_PAIRS = 6,
    API_THERE = 7,
    API_TREE = 8,
    API_UPLOAD = 9,
    API_CALLS = 10,
};

struct api_cat_args {
    const char *path;
};

bool api_get_cat_args(struct wire_reader *r, struct api_cat_args *v);
void api_put_cat_args(struct wire_writer *w, const struct api_cat_args *v);

struct api_cat_ret {
    const char *value;
};

bool api_get_cat_ret(struct wire_reader *r, struct api_cat_ret *v);
void api_put_cat_ret(struct wire_writer *w, const struct api_cat_ret *v);

struct api_list_args {
    const char *path;
    bool has_deep;
    bool deep;
    bool has_limit;
    int32_t limit;
    const char *const *only;
    uint32_t n_only;
};

bool api_get_list_args(struct wire_reader *r, struct api_list_args *v);
void api_put_list_args(struct wire_writer *w, const struct api_list_args *v);

struct api_list_ret {
    const struct mayfly_dir_entry *value;
    uint32_t n_value;
};

bool api_get_list_ret(struct wire_reader *r, struct api_list_ret *v);
void api_put_list_ret(struct wire_writer *w, const struct api_list_ret *v);

struct api_tree_args {
    const uint8_t *key;
    uint32_t n_key;
};

bool api_get_tree_args(struct wire_reader *r, struct api_tree_args *v);
void api_put_tree_args(struct wire_writer *w, const struct api_tree_args *v);

struct api_tree_ret {
    struct mayfly_tree value;
};

bool api_get_tree_ret(struct wire_reader *r, struct api_tree_ret *v);
void api_put_tree_ret(struct wire_writer *w, const struct api_tree_ret *v);

struct api_there_args {
    const char *device;
};

bool api_get_there_args(struct wire_reader *r, struct api_there_args *v);
void api_put_there_args(struct wire_writer *w, const struct api_there_args *v);

struct api_there_ret {
    bool value;
};

bool api_get_there_ret(struct wire_reader *r, struct api_there_ret *v);
void api_put_there_ret(struct wire_writer *w, const struct api_there_ret *v);

struct api_upload_args {
    const char *remote;
};

bool api_get_upload_args(struct wire_reader *r, struct api_upload_args *v);
void api_put_upload_args(struct wire_writer *w, const struct api_upload_args *v);

struct api_upload_ret {
    char unused;
};

bool api_get_upload_ret(struct wire_reader *r, struct api_upload_ret *v);
void api_put_upload_ret(struct wire_writer *w, const struct api_upload_ret *v);

struct api_download_args {
    const char *remote;
};

bool api_get_download_args(struct wire_reader *r, struct api_download_args *v);
void api_put_download_args(struct wire_writer *w, const struct api_download_args *v);

struct api_download_ret {
    char unused;
};

bool api_get_download_ret(struct wire_reader *r, struct api_download_ret *v);
void api_put_download_ret(struct wire_writer *w, const struct api_download_ret *v);

struct api_label_args {
    const char *const *names;
    uint32_t n_names;
};

bool api_get_label_args(struct wire_reader *r, struct api_label_args *v);
void api_put_label_args(struct wire_writer *w, const struct api_label_args *v);

struct api_label_ret {
    const char *value;
};

bool api_get_label_ret(struct wire_reader *r, struct api_label_ret *v);
void api_put_label_ret(struct wire_writer *w, const struct api_label_ret *v);

struct api_pairs_args {
    char unused;
};

bool api_get_pairs_args(struct wire_reader *r, struct api_pairs_args *v);
void api_put_pairs_args(struct wire_writer *w, const struct api_pairs_args *v);

struct api_pairs_ret {
    const char *const *value;
    uint32_t n_value;
};

bool api_get_pairs_ret(struct wire_reader *r, struct api_pairs_ret *v);
void api_put_pairs_ret(struct wire_writer *w, const struct api_pairs_ret *v);

struct api_count_args {
    int32_t low;
    uint64_t big;
};

bool api_get_count_args(struct wire_reader *r, struct api_count_args *v);
void api_put_count_args(struct wire_writer *w, const struct api_count_args *v);

struct api_count_ret {
    int64_t value;
};

bool api_get_count_ret(struct wire_reader *r, struct api_count_ret *v);
void api_put_count_ret(struct wire_writer *w, const struct api_count_ret *v);
