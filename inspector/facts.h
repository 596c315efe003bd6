/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Facts: the rows that inspection returns, with the types of their values. */
#pragma once
#include <json-c/json.h>
#include <mayfly.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "inspector/build.h"

/* The name of the I-th section; NULL after the last. */
const char *facts_section(size_t i);

/* Without these, and without packages, facts are read fastest. */
bool facts_section_is_slow(const char *name);

/* The value NAME of a row; "" if it has none, the first of several. */
const char *fact_value(
    const struct mayfly_inspection_fact *x, const char *name);
bool fact_is(const struct mayfly_inspection_fact *x, const char *name,
    const char *value);

/* One row as an object with typed values. */
struct json_object *facts_row(
    struct build *j, const struct mayfly_inspection_fact *x);

/* What is said of every system: product, host name, end of support. */
void facts_add_head(struct build *j, struct json_object *o,
    const struct mayfly_inspection_root *s);

/* Notes of an inspection. */
void facts_add_notes(struct build *j, struct json_object *o,
    const struct mayfly_inspection *found);

int facts_print_json(const struct mayfly_inspection *found,
    char *const *sections, struct error *err);
int facts_print_text(const struct mayfly_inspection *found,
    char *const *sections, struct error *err);
