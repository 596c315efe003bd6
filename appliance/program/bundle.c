/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "appliance/program/bundle.h"

#include <errno.h>
#include <json.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strv.h"

enum { FORMAT = 1, MAX_DEPTH = 4, BLOCK = 512 };

static void
object_put(struct json_object **o)
{
    if (*o)
        json_object_put(*o);
}

#define cleanup_json __attribute__((cleanup(object_put)))

char *
bundle_index_write(const struct bundle_index *index, struct error *err)
{
    cleanup_json struct json_object *all = json_object_new_object();
    struct json_object *files = json_object_new_array();

    if (!all || !files)
        return error_no_memory(err), NULL;
    json_object_object_add(
        all, "mayfly-appliance", json_object_new_int(FORMAT));
    json_object_object_add(
        all, "version", json_object_new_string(PACKAGE_VERSION));
    json_object_object_add(all, "api", json_object_new_string(index->api));
    json_object_object_add(all, "files", files);
    for (size_t i = 0; i < APPLIANCE_PARTS; i++) {
        struct json_object *file = json_object_new_object();

        if (!file)
            return error_no_memory(err), NULL;
        json_object_object_add(
            file, "name", json_object_new_string(appliance_parts[i].name));
        json_object_object_add(
            file, "size", json_object_new_int64((int64_t)index->parts[i].size));
        json_object_object_add(
            file, "sha512", json_object_new_string(index->parts[i].hash));
        json_object_array_add(files, file);
    }

    char *text = text_printf(
        "%s\n", json_object_to_json_string_ext(
                    all, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED));
    if (!text)
        error_no_memory(err);
    return text;
}

/* The text of KEY, of exactly SIZE hexadecimal digits. */
static int
get_digits(struct json_object *o, const char *key, size_t size, char *ret,
    struct error *err)
{
    struct json_object *value = json_object_object_get(o, key);
    const char *text = json_object_is_type(value, json_type_string)
                           ? json_object_get_string(value)
                           : "";

    if (strlen(text) != size || strspn(text, "0123456789abcdef") != size)
        return error_set(err, EBADMSG,
            "'%s' of its index is not %zu hexadecimal digits", key, size);
    memcpy(ret, text, size + 1);
    return 0;
}

static int
read_part(struct json_object *file, size_t i, struct bundle_index *ret,
    struct error *err)
{
    const struct appliance_part *part = &appliance_parts[i];
    struct json_object *name = json_object_object_get(file, "name");
    struct json_object *size = json_object_object_get(file, "size");

    if (!json_object_is_type(name, json_type_string) ||
        !str_equal(json_object_get_string(name), part->name))
        return error_set(err, EBADMSG,
            "its index does not have %s in its place", part->name);

    int64_t n = json_object_is_type(size, json_type_int)
                    ? json_object_get_int64(size)
                    : 0;
    if (n < 1 || (uint64_t)n > part->max)
        return error_set(err, EBADMSG,
            "its index gives %s %lld bytes; 1 to "
            "%llu are possible",
            part->name, (long long)n, part->max);
    ret->parts[i].size = (uint64_t)n;
    return get_digits(
        file, "sha512", BUNDLE_HASH_SIZE, ret->parts[i].hash, err);
}

static int
read_object(
    struct json_object *all, struct bundle_index *ret, struct error *err)
{
    struct json_object *format =
        json_object_object_get(all, "mayfly-appliance");
    struct json_object *files = json_object_object_get(all, "files");

    if (!json_object_is_type(format, json_type_int))
        return error_set(err, EBADMSG, "it is signed, but no appliance");
    if (json_object_get_int(format) != FORMAT)
        return error_set(err, EBADMSG, "it has format %d; this Mayfly reads %d",
            json_object_get_int(format), FORMAT);
    if (get_digits(all, "api", APPLIANCE_API_SIZE, ret->api, err) < 0)
        return -1;
    if (!json_object_is_type(files, json_type_array) ||
        json_object_array_length(files) != APPLIANCE_PARTS)
        return error_set(
            err, EBADMSG, "its index does not have %d files", APPLIANCE_PARTS);
    for (size_t i = 0; i < APPLIANCE_PARTS; i++) {
        struct json_object *file = json_object_array_get_idx(files, i);

        if (!json_object_is_type(file, json_type_object))
            return error_set(err, EBADMSG, "its index is not as it should be");
        if (read_part(file, i, ret, err) < 0)
            return -1;
    }
    return 0;
}

int
bundle_index_read(
    const char *text, size_t size, struct bundle_index *ret, struct error *err)
{
    struct bundle_index index = {0};

    if (size > BUNDLE_MAX_INDEX)
        return error_set(
            err, EFBIG, "its index has more than %d bytes", BUNDLE_MAX_INDEX);

    struct json_tokener *tokener = json_tokener_new_ex(MAX_DEPTH);
    if (!tokener)
        return error_no_memory(err);
    cleanup_json struct json_object *all =
        json_tokener_parse_ex(tokener, text, (int)size);
    enum json_tokener_error e = json_tokener_get_error(tokener);
    json_tokener_free(tokener);
    if (e != json_tokener_success)
        return error_set(err, EBADMSG, "its index is not JSON: %s",
            json_tokener_error_desc(e));
    if (!json_object_is_type(all, json_type_object))
        return error_set(err, EBADMSG, "it is signed, but no appliance");
    if (read_object(all, &index, err) < 0)
        return -1;
    *ret = index;
    return 0;
}

static uint64_t
member_size(uint64_t size)
{
    return BLOCK + (size + BLOCK - 1) / BLOCK * BLOCK;
}

uint64_t
bundle_size(const struct bundle_index *index, uint64_t size)
{
    /* Two blocks of zeros end an archive. */
    uint64_t all = member_size(size) + 2 * BLOCK;

    for (size_t i = 0; i < APPLIANCE_PARTS; i++)
        all += member_size(index->parts[i].size);
    return all;
}
