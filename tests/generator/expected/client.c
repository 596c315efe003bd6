/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Generated from the definition in api/; do not edit. */

#include <config.h>

#include "lib/rpc/call.h"

#include "lib/handle/result.h"
#include "internal-calls.h"

static const struct call_info calls[] = {
    [1] = {.name = "cat", .number = 1, .timeout = 600},
    [2] = {.name = "count", .number = 2, .timeout = 600},
    [3] = {.name = "download", .number = 3, .timeout = 600, .stream_out = true},
    [4] = {.name = "label", .number = 4, .timeout = 600},
    [5] = {.name = "list", .number = 5, .timeout = 600},
    [6] = {.name = "pairs", .number = 6, .timeout = 600},
    [7] = {.name = "there", .number = 7, .timeout = 600},
    [8] = {.name = "tree", .number = 8, .timeout = 600},
    [9] = {.name = "upload", .number = 9, .timeout = 0, .writes = true, .stream_in = true},
};

MAYFLY_PUBLIC int
mayfly_cat(struct mayfly *g, const char *path, char **ret)
{
    struct call call;
    struct api_cat_args args = {0};
    struct api_cat_ret result;

    if (call_begin(&call, g, &calls[1]) < 0)
        return -1;
    call_string(&call, "path", path, 4096, false, false);
    args.path = path;
    if (call_arguments_good(&call))
        api_put_cat_args(&call.writer, &args);
    if (call_perform(&call, NULL, NULL) < 0 ||
        call_decoded(&call, api_get_cat_ret(&call.reader, &result)) < 0)
        return call_end(&call);

    char *value = call_take_string(&call, result.value);
    if (!value)
        return call_end(&call);
    *ret = value;
    return call_end(&call);
}

MAYFLY_PUBLIC int
mayfly_list(struct mayfly *g, const char *path, const struct mayfly_list_options
    *options, struct mayfly_dir_entry_list **ret)
{
    struct call call;
    struct api_list_args args = {0};
    struct api_list_ret result;

    if (call_begin(&call, g, &calls[5]) < 0)
        return -1;
    call_string(&call, "path", path, 4096, false, false);
    args.path = path;
    call_options(&call, options ? options->set : 0, UINT64_C(0x7));
    if (options && (options->set & MAYFLY_LIST_DEEP)) {
        call_bool(&call, "deep", options->deep);
        args.deep = options->deep;
        args.has_deep = true;
    }
    if (options && (options->set & MAYFLY_LIST_LIMIT)) {
        call_integer(&call, "limit", options->limit, 0, 100);
        args.limit = options->limit;
        args.has_limit = true;
    }
    if (options && (options->set & MAYFLY_LIST_ONLY)) {
        args.n_only = call_list(&call, "only", options->only, 9, 255);
        args.only = options->only;
    }
    if (call_arguments_good(&call))
        api_put_list_args(&call.writer, &args);
    if (call_perform(&call, NULL, NULL) < 0 ||
        call_decoded(&call, api_get_list_ret(&call.reader, &result)) < 0)
        return call_end(&call);

    struct mayfly_dir_entry_list *value = call_take_list(&call, result.value, result.n_value);
    if (!value)
        return call_end(&call);
    *ret = value;
    return call_end(&call);
}

int
mayfly_tree(struct mayfly *g, const void *key, size_t n_key, struct mayfly_tree **ret)
{
    struct call call;
    struct api_tree_args args = {0};
    struct api_tree_ret result;

    if (call_begin(&call, g, &calls[8]) < 0)
        return -1;
    args.n_key = call_bytes(&call, "key", key, n_key, 64);
    args.key = key;
    if (call_arguments_good(&call))
        api_put_tree_args(&call.writer, &args);
    if (call_perform(&call, NULL, NULL) < 0 ||
        call_decoded(&call, api_get_tree_ret(&call.reader, &result)) < 0)
        return call_end(&call);

    struct mayfly_tree *value = call_take_struct(&call, &result.value, sizeof result.value);
    if (!value)
        return call_end(&call);
    *ret = value;
    return call_end(&call);
}

MAYFLY_PUBLIC int
mayfly_there(struct mayfly *g, const char *device, bool *ret)
{
    struct call call;
    struct api_there_args args = {0};
    struct api_there_ret result;

    if (call_begin(&call, g, &calls[7]) < 0)
        return -1;
    call_string(&call, "device", device, 512, false, false);
    args.device = device;
    if (call_arguments_good(&call))
        api_put_there_args(&call.writer, &args);
    if (call_perform(&call, NULL, NULL) < 0 ||
        call_decoded(&call, api_get_there_ret(&call.reader, &result)) < 0)
        return call_end(&call);

    call_took_bool(&call, result.value);
    *ret = result.value;
    return call_end(&call);
}

MAYFLY_PUBLIC int
mayfly_upload(struct mayfly *g, const char *remote, const char *local)
{
    struct call call;
    struct api_upload_args args = {0};
    struct api_upload_ret result;

    if (call_begin(&call, g, &calls[9]) < 0)
        return -1;
    call_string(&call, "remote", remote, 4096, false, false);
    args.remote = remote;
    call_string(&call, "local", local, 4096, false, false);
    if (call_arguments_good(&call))
        api_put_upload_args(&call.writer, &args);
    if (call_perform(&call, local, NULL) < 0 ||
        call_decoded(&call, api_get_upload_ret(&call.reader, &result)) < 0)
        return call_end(&call);
    return call_end(&call);
}

MAYFLY_PUBLIC int
mayfly_download(struct mayfly *g, const char *remote, const char *local)
{
    struct call call;
    struct api_download_args args = {0};
    struct api_download_ret result;

    if (call_begin(&call, g, &calls[3]) < 0)
        return -1;
    call_string(&call, "remote", remote, 4096, false, false);
    args.remote = remote;
    call_string(&call, "local", local, 4096, false, false);
    if (call_arguments_good(&call))
        api_put_download_args(&call.writer, &args);
    if (call_perform(&call, NULL, local) < 0 ||
        call_decoded(&call, api_get_download_ret(&call.reader, &result)) < 0)
        return call_end(&call);
    return call_end(&call);
}

MAYFLY_PUBLIC int
mayfly_label(struct mayfly *g, const char *const *names, char **ret)
{
    struct call call;
    struct api_label_args args = {0};
    struct api_label_ret result;

    if (call_begin(&call, g, &calls[4]) < 0)
        return -1;
    args.n_names = call_list(&call, "names", names, 4, 255);
    args.names = names;
    if (call_arguments_good(&call))
        api_put_label_args(&call.writer, &args);
    if (call_perform(&call, NULL, NULL) < 0 ||
        call_decoded(&call, api_get_label_ret(&call.reader, &result)) < 0)
        return call_end(&call);

    char *value = NULL;
    if (result.value &&
        !(value = call_take_string(&call, result.value)))
        return call_end(&call);
    *ret = value;
    return call_end(&call);
}

MAYFLY_PUBLIC int
mayfly_pairs(struct mayfly *g, char ***ret)
{
    struct call call;
    struct api_pairs_args args = {0};
    struct api_pairs_ret result;

    if (call_begin(&call, g, &calls[6]) < 0)
        return -1;
    if (call_arguments_good(&call))
        api_put_pairs_args(&call.writer, &args);
    if (call_perform(&call, NULL, NULL) < 0 ||
        call_decoded(&call, api_get_pairs_ret(&call.reader, &result)) < 0)
        return call_end(&call);

    char **value = call_take_strings(&call, result.value, 2 * (size_t)result.n_value);
    if (!value)
        return call_end(&call);
    *ret = value;
    return call_end(&call);
}

MAYFLY_PUBLIC int
mayfly_count(struct mayfly *g, int32_t low, uint64_t big, int64_t *ret)
{
    struct call call;
    struct api_count_args args = {0};
    struct api_count_ret result;

    if (call_begin(&call, g, &calls[2]) < 0)
        return -1;
    call_integer(&call, "low", low, -5, 5);
    args.low = low;
    call_unsigned(&call, "big", big);
    args.big = big;
    if (call_arguments_good(&call))
        api_put_count_args(&call.writer, &args);
    if (call_perform(&call, NULL, NULL) < 0 ||
        call_decoded(&call, api_get_count_ret(&call.reader, &result)) < 0)
        return call_end(&call);

    call_took_integer(&call, result.value);
    *ret = result.value;
    return call_end(&call);
}

MAYFLY_PUBLIC void
mayfly_free_dir_entry(struct mayfly_dir_entry *value)
{
    result_free(value);
}

MAYFLY_PUBLIC void
mayfly_free_dir_entry_list(struct mayfly_dir_entry_list *value)
{
    result_free(value);
}

MAYFLY_PUBLIC void
mayfly_free_tree(struct mayfly_tree *value)
{
    result_free(value);
}

MAYFLY_PUBLIC void
mayfly_free_tree_list(struct mayfly_tree_list *value)
{
    result_free(value);
}
