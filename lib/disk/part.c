/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <config.h>

#include "lib/disk/part.h"

#include <json.h>
#include <stdlib.h>
#include <string.h>

#include "base/strv.h"

/* The member KEY of an object with N members, if it has that type. */
static struct json_object *
member(struct json_object *o, int n, const char *key, enum json_type type)
{
    struct json_object *value = NULL;

    if (!json_object_is_type(o, json_type_object) ||
        json_object_object_length(o) != n ||
        !json_object_object_get_ex(o, key, &value) ||
        !json_object_is_type(value, type))
        return NULL;
    return value;
}

static bool
number(struct json_object *o, const char *key, uint64_t *ret)
{
    struct json_object *value = member(o, 4, key, json_type_int);
    int64_t n = json_object_get_int64(value);

    *ret = (uint64_t)n;
    return value && n >= 0;
}

static const char *
text(struct json_object *o, int n, const char *key)
{
    return json_object_get_string(member(o, n, key, json_type_string));
}

static bool
take(struct json_object *image, struct part *p)
{
    struct json_object *raw = member(image, 2, "file", json_type_object);
    struct json_object *file = member(raw, 4, "file", json_type_object);
    const char *format = text(image, 2, "driver");
    const char *raw_driver = text(raw, 4, "driver");
    const char *file_driver = text(file, 2, "driver");
    const char *path = text(file, 2, "filename");

    if (!format || !raw_driver || !str_equal(raw_driver, "raw") ||
        !file_driver || !str_equal(file_driver, "file") || !path ||
        path[0] != '/' || !number(raw, "offset", &p->start) ||
        !number(raw, "size", &p->size) || p->size == 0)
        return false;
    p->format = strdup(format);
    p->path = strdup(path);
    return p->format && p->path;
}

bool
part_parse(const char *name, struct part *ret)
{
    const char *rest = str_after(name, "json:");
    struct json_object *o = rest ? json_tokener_parse(rest) : NULL;
    struct part p = {0};

    if (!o || !take(o, &p)) {
        part_clear(&p);
        json_object_put(o);
        return false;
    }
    json_object_put(o);
    *ret = p;
    return true;
}

void
part_clear(struct part *part)
{
    free(part->path);
    free(part->format);
    *part = (struct part){0};
}
