/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Generated from the definition in api/; do not edit. */

#pragma once
#include "codec.h"

struct call;

int op_cat(struct call *c, const struct api_cat_args *args, struct api_cat_ret *ret);
int op_list(struct call *c, const struct api_list_args *args, struct api_list_ret *ret);
int op_tree(struct call *c, const struct api_tree_args *args, struct api_tree_ret *ret);
int op_there(struct call *c, const struct api_there_args *args, struct api_there_ret *ret);
int op_upload(struct call *c, const struct api_upload_args *args);
int op_download(struct call *c, const struct api_download_args *args);
int op_label(struct call *c, const struct api_label_args *args, struct api_label_ret *ret);
int op_pairs(struct call *c, const struct api_pairs_args *args, struct api_pairs_ret *ret);
int op_count(struct call *c, const struct api_count_args *args, struct api_count_ret *ret);
