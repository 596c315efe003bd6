/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Building JSON of what comes from a guest: its text is made valid. */
#pragma once
#include <json-c/json.h>
#include <mayfly.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

/* json-c returns NULL if out of memory, which is also a valid value
 * (null): so one flag of the document records that something is missing. */
struct build {
    bool failed;
};

struct json_object *build_object(struct build *j);
/* An empty array, added to IN. */
struct json_object *build_array(
    struct build *j, struct json_object *in, const char *name);
struct json_object *build_string(struct build *j, const char *value);
void build_append(
    struct build *j, struct json_object *list, struct json_object *value);
void build_add(struct build *j, struct json_object *o, const char *name,
    struct json_object *value);
/* Nothing if it is empty. */
void build_add_text(struct build *j, struct json_object *o, const char *name,
    const char *value);
void build_add_number(
    struct build *j, struct json_object *o, const char *name, uint64_t value);

/* The full version of a package, as its package manager writes it. */
char *build_version(const struct mayfly_application2 *a, const char *format);

/* Print O, which is freed. */
int build_write(struct build *j, struct json_object *o, struct error *err);
