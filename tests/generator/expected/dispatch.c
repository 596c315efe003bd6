/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Generated from the definition in api/; do not edit. */

#include <config.h>

#include "appliance/agent/dispatch.h"

#include "ops.h"

static enum dispatch_result
dispatch_cat(struct call *c, struct wire_reader *r,
    struct wire_writer *w)
{
    struct api_cat_args args;
    struct api_cat_ret ret = {0};

    if (!api_get_cat_args(r, &args))
        return DISPATCH_MALFORMED;
    if (op_cat(c, &args, &ret) < 0)
        return DISPATCH_FAILED;
    api_put_cat_ret(w, &ret);
    return DISPATCH_DONE;
}

static enum dispatch_result
dispatch_list(struct call *c, struct wire_reader *r,
    struct wire_writer *w)
{
    struct api_list_args args;
    struct api_list_ret ret = {0};

    if (!api_get_list_args(r, &args))
        return DISPATCH_MALFORMED;
    if (op_list(c, &args, &ret) < 0)
        return DISPATCH_FAILED;
    api_put_list_ret(w, &ret);
    return DISPATCH_DONE;
}

static enum dispatch_result
dispatch_tree(struct call *c, struct wire_reader *r,
    struct wire_writer *w)
{
    struct api_tree_args args;
    struct api_tree_ret ret = {0};

    if (!api_get_tree_args(r, &args))
        return DISPATCH_MALFORMED;
    if (op_tree(c, &args, &ret) < 0)
        return DISPATCH_FAILED;
    api_put_tree_ret(w, &ret);
    return DISPATCH_DONE;
}

static enum dispatch_result
dispatch_there(struct call *c, struct wire_reader *r,
    struct wire_writer *w)
{
    struct api_there_args args;
    struct api_there_ret ret = {0};

    if (!api_get_there_args(r, &args))
        return DISPATCH_MALFORMED;
    if (op_there(c, &args, &ret) < 0)
        return DISPATCH_FAILED;
    api_put_there_ret(w, &ret);
    return DISPATCH_DONE;
}

static enum dispatch_result
dispatch_upload(struct call *c, struct wire_reader *r,
    struct wire_writer *w)
{
    struct api_upload_args args;

    if (!api_get_upload_args(r, &args))
        return DISPATCH_MALFORMED;
    if (op_upload(c, &args) < 0)
        return DISPATCH_FAILED;
    (void)w;
    return DISPATCH_DONE;
}

static enum dispatch_result
dispatch_download(struct call *c, struct wire_reader *r,
    struct wire_writer *w)
{
    struct api_download_args args;

    if (!api_get_download_args(r, &args))
        return DISPATCH_MALFORMED;
    if (op_download(c, &args) < 0)
        return DISPATCH_FAILED;
    (void)w;
    return DISPATCH_DONE;
}

static enum dispatch_result
dispatch_label(struct call *c, struct wire_reader *r,
    struct wire_writer *w)
{
    struct api_label_args args;
    struct api_label_ret ret = {0};

    if (!api_get_label_args(r, &args))
        return DISPATCH_MALFORMED;
    if (op_label(c, &args, &ret) < 0)
        return DISPATCH_FAILED;
    api_put_label_ret(w, &ret);
    return DISPATCH_DONE;
}

static enum dispatch_result
dispatch_pairs(struct call *c, struct wire_reader *r,
    struct wire_writer *w)
{
    struct api_pairs_args args;
    struct api_pairs_ret ret = {0};

    if (!api_get_pairs_args(r, &args))
        return DISPATCH_MALFORMED;
    if (op_pairs(c, &args, &ret) < 0)
        return DISPATCH_FAILED;
    api_put_pairs_ret(w, &ret);
    return DISPATCH_DONE;
}

static enum dispatch_result
dispatch_count(struct call *c, struct wire_reader *r,
    struct wire_writer *w)
{
    struct api_count_args args;
    struct api_count_ret ret = {0};

    if (!api_get_count_args(r, &args))
        return DISPATCH_MALFORMED;
    if (op_count(c, &args, &ret) < 0)
        return DISPATCH_FAILED;
    api_put_count_ret(w, &ret);
    return DISPATCH_DONE;
}

const struct dispatch dispatch_table[API_CALLS] = {
    [1] = {.name = "cat", .function = dispatch_cat},
    [2] = {.name = "count", .function = dispatch_count},
    [3] = {.name = "download", .function = dispatch_download, .stream_out = true},
    [4] = {.name = "label", .function = dispatch_label},
    [5] = {.name = "list", .function = dispatch_list},
    [6] = {.name = "pairs", .function = dispatch_pairs},
    [7] = {.name = "there", .function = dispatch_there},
    [8] = {.name = "tree", .function = dispatch_tree},
    [9] = {.name = "upload", .function = dispatch_upload, .writes = true, .stream_in = true},
};
