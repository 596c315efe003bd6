/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "inspector/build.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "inspector/document.h"

struct json_object *
build_object(struct build *j)
{
    struct json_object *o = json_object_new_object();

    j->failed |= !o;
    return o;
}

struct json_object *
build_array(struct build *j, struct json_object *in, const char *name)
{
    struct json_object *o = json_object_new_array();

    j->failed |= !o || json_object_object_add(in, name, o) < 0;
    return o;
}

struct json_object *
build_string(struct build *j, const char *value)
{
    cleanup_free char *clean = document_text(value);
    struct json_object *o = clean ? json_object_new_string(clean) : NULL;

    j->failed |= !o;
    return o;
}

void
build_append(
    struct build *j, struct json_object *list, struct json_object *value)
{
    j->failed |= json_object_array_add(list, value) < 0;
}

void
build_add(struct build *j, struct json_object *o, const char *name,
    struct json_object *value)
{
    j->failed |= json_object_object_add(o, name, value) < 0;
}

void
build_add_text(
    struct build *j, struct json_object *o, const char *name, const char *value)
{
    if (value && value[0])
        build_add(j, o, name, build_string(j, value));
}

void
build_add_number(
    struct build *j, struct json_object *o, const char *name, uint64_t value)
{
    build_add(j, o, name, json_object_new_uint64(value));
}

char *
build_version(const struct mayfly_application2 *a, const char *format)
{
    char epoch[16] = "";

    if (a->app2_epoch)
        snprintf(epoch, sizeof epoch, "%d:", a->app2_epoch);
    return text_printf("%s%s%s%s%s", epoch, a->app2_version,
        a->app2_release[0] ? "-" : "",
        a->app2_release[0] && str_equal(format, "apk") ? "r" : "",
        a->app2_release);
}

int
build_write(struct build *j, struct json_object *o, struct error *err)
{
    const char *text =
        j->failed
            ? NULL
            : json_object_to_json_string_ext(
                  o, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE);
    int r = text ? document_write(text, strlen(text), err)
                 : error_set(err, ENOMEM, "no memory for the document");

    if (r == 0)
        r = document_write("\n", 1, err);
    json_object_put(o);
    return r;
}
