/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Generated from the definition in api/; do not edit. */

#include <config.h>

#include "lib/rpc/request.h"

#include "lib/handle/result.h"
#include "internal-calls.h"

static const struct request_info requests[] = {
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
    struct request request;
    struct api_cat_args args = {0};
    struct api_cat_ret result;

    if (request_begin(&request, g, &requests[1]) < 0)
        return -1;
    request_string(&request, "path", path, 4096, false, false);
    args.path = path;
    if (request_arguments_good(&request))
        api_put_cat_args(&request.writer, &args);
    if (request_perform(&request, NULL, NULL) < 0 ||
        request_decoded(&request, api_get_cat_ret(&request.reader, &result)) < 0)
        return request_end(&request);

    char *value = request_take_string(&request, result.value);
    if (!value)
        return request_end(&request);
    *ret = value;
    return request_end(&request);
}

MAYFLY_PUBLIC int
mayfly_list(struct mayfly *g, const char *path, const struct mayfly_list_options
    *options, struct mayfly_dir_entry_list **ret)
{
    struct request request;
    struct api_list_args args = {0};
    struct api_list_ret result;

    if (request_begin(&request, g, &requests[5]) < 0)
        return -1;
    request_string(&request, "path", path, 4096, false, false);
    args.path = path;
    request_options(&request, options ? options->set : 0, UINT64_C(0x7));
    if (options && (options->set & MAYFLY_LIST_DEEP)) {
        request_bool(&request, "deep", options->deep);
        args.deep = options->deep;
        args.has_deep = true;
    }
    if (options && (options->set & MAYFLY_LIST_LIMIT)) {
        request_integer(&request, "limit", options->limit, 0, 100);
        args.limit = options->limit;
        args.has_limit = true;
    }
    if (options && (options->set & MAYFLY_LIST_ONLY)) {
        args.n_only = request_list(&request, "only", options->only, 9, 255);
        args.only = options->only;
    }
    if (request_arguments_good(&request))
        api_put_list_args(&request.writer, &args);
    if (request_perform(&request, NULL, NULL) < 0 ||
        request_decoded(&request, api_get_list_ret(&request.reader, &result)) < 0)
        return request_end(&request);

    struct mayfly_dir_entry_list *value = request_take_list(&request, result.value, result.n_value);
    if (!value)
        return request_end(&request);
    *ret = value;
    return request_end(&request);
}

int
mayfly_tree(struct mayfly *g, const void *key, size_t n_key, struct mayfly_tree **ret)
{
    struct request request;
    struct api_tree_args args = {0};
    struct api_tree_ret result;

    if (request_begin(&request, g, &requests[8]) < 0)
        return -1;
    args.n_key = request_bytes(&request, "key", key, n_key, 64);
    args.key = key;
    if (request_arguments_good(&request))
        api_put_tree_args(&request.writer, &args);
    if (request_perform(&request, NULL, NULL) < 0 ||
        request_decoded(&request, api_get_tree_ret(&request.reader, &result)) < 0)
        return request_end(&request);

    struct mayfly_tree *value = request_take_struct(&request, &result.value, sizeof result.value);
    if (!value)
        return request_end(&request);
    *ret = value;
    return request_end(&request);
}

MAYFLY_PUBLIC int
mayfly_there(struct mayfly *g, const char *device, bool *ret)
{
    struct request request;
    struct api_there_args args = {0};
    struct api_there_ret result;

    if (request_begin(&request, g, &requests[7]) < 0)
        return -1;
    request_string(&request, "device", device, 512, false, false);
    args.device = device;
    if (request_arguments_good(&request))
        api_put_there_args(&request.writer, &args);
    if (request_perform(&request, NULL, NULL) < 0 ||
        request_decoded(&request, api_get_there_ret(&request.reader, &result)) < 0)
        return request_end(&request);

    request_took_bool(&request, result.value);
    *ret = result.value;
    return request_end(&request);
}

MAYFLY_PUBLIC int
mayfly_upload(struct mayfly *g, const char *remote, const char *local)
{
    struct request request;
    struct api_upload_args args = {0};
    struct api_upload_ret result;

    if (request_begin(&request, g, &requests[9]) < 0)
        return -1;
    request_string(&request, "remote", remote, 4096, false, false);
    args.remote = remote;
    request_string(&request, "local", local, 4096, false, false);
    if (request_arguments_good(&request))
        api_put_upload_args(&request.writer, &args);
    if (request_perform(&request, local, NULL) < 0 ||
        request_decoded(&request, api_get_upload_ret(&request.reader, &result)) < 0)
        return request_end(&request);
    return request_end(&request);
}

MAYFLY_PUBLIC int
mayfly_download(struct mayfly *g, const char *remote, const char *local)
{
    struct request request;
    struct api_download_args args = {0};
    struct api_download_ret result;

    if (request_begin(&request, g, &requests[3]) < 0)
        return -1;
    request_string(&request, "remote", remote, 4096, false, false);
    args.remote = remote;
    request_string(&request, "local", local, 4096, false, false);
    if (request_arguments_good(&request))
        api_put_download_args(&request.writer, &args);
    if (request_perform(&request, NULL, local) < 0 ||
        request_decoded(&request, api_get_download_ret(&request.reader, &result)) < 0)
        return request_end(&request);
    return request_end(&request);
}

MAYFLY_PUBLIC int
mayfly_label(struct mayfly *g, const char *const *names, char **ret)
{
    struct request request;
    struct api_label_args args = {0};
    struct api_label_ret result;

    if (request_begin(&request, g, &requests[4]) < 0)
        return -1;
    args.n_names = request_list(&request, "names", names, 4, 255);
    args.names = names;
    if (request_arguments_good(&request))
        api_put_label_args(&request.writer, &args);
    if (request_perform(&request, NULL, NULL) < 0 ||
        request_decoded(&request, api_get_label_ret(&request.reader, &result)) < 0)
        return request_end(&request);

    char *value = NULL;
    if (result.value &&
        !(value = request_take_string(&request, result.value)))
        return request_end(&request);
    *ret = value;
    return request_end(&request);
}

MAYFLY_PUBLIC int
mayfly_pairs(struct mayfly *g, char ***ret)
{
    struct request request;
    struct api_pairs_args args = {0};
    struct api_pairs_ret result;

    if (request_begin(&request, g, &requests[6]) < 0)
        return -1;
    if (request_arguments_good(&request))
        api_put_pairs_args(&request.writer, &args);
    if (request_perform(&request, NULL, NULL) < 0 ||
        request_decoded(&request, api_get_pairs_ret(&request.reader, &result)) < 0)
        return request_end(&request);

    char **value = request_take_strings(&request, result.value, 2 * (size_t)result.n_value);
    if (!value)
        return request_end(&request);
    *ret = value;
    return request_end(&request);
}

MAYFLY_PUBLIC int
mayfly_count(struct mayfly *g, int32_t low, uint64_t big, int64_t *ret)
{
    struct request request;
    struct api_count_args args = {0};
    struct api_count_ret result;

    if (request_begin(&request, g, &requests[2]) < 0)
        return -1;
    request_integer(&request, "low", low, -5, 5);
    args.low = low;
    request_unsigned(&request, "big", big);
    args.big = big;
    if (request_arguments_good(&request))
        api_put_count_args(&request.writer, &args);
    if (request_perform(&request, NULL, NULL) < 0 ||
        request_decoded(&request, api_get_count_ret(&request.reader, &result)) < 0)
        return request_end(&request);

    request_took_integer(&request, result.value);
    *ret = result.value;
    return request_end(&request);
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
