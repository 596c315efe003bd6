/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside target/: XML.  The first failure sticks, and what comes from a guest
 * is escaped. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

struct result;
struct xml_writer;

void put_start(struct xml_writer *x, const char *name);
void put_end(struct xml_writer *x);
void put_attribute(struct xml_writer *x, const char *name, const char *value);
void put_text(struct xml_writer *x, const char *text);

/* <NAME>VALUE</NAME> */
void put_element(struct xml_writer *x, const char *name, const char *value);
void put_number(
    struct xml_writer *x, const char *name, unsigned long long value);

/* <NAME KEY='VALUE'/> */
void put_leaf(
    struct xml_writer *x, const char *name, const char *key, const char *value);

/* What PUT writes with OPAQUE, as a text to be freed. */
char *xml_text(void (*put)(struct xml_writer *x, const void *opaque),
    const void *opaque, size_t *ret_size, struct error *err);

/* The same as the file NAME.ENDING beside the images. */
int xml_write(const struct result *r, const char *ending,
    void (*put)(struct xml_writer *x, const void *result), struct error *err);
