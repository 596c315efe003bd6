/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writing XML.  The first failure sticks, and what comes from a guest is
 * escaped. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

struct xml_writer;

/* The style of the document; zeroes are the default. */
struct xml_style {
    char *(*escape)(const char *text); /* NULL: text_escape_controls */
    const char *encoding; /* declared in the document; NULL: none */
    const char *indent;   /* NULL: a blank */
};

void put_start(struct xml_writer *x, const char *name);
void put_end(struct xml_writer *x);
void put_attribute(struct xml_writer *x, const char *name, const char *value);
void put_text(struct xml_writer *x, const char *text);
/* "--" in it becomes "- -". */
void put_comment(struct xml_writer *x, const char *text);

/* <NAME>VALUE</NAME> */
void put_element(struct xml_writer *x, const char *name, const char *value);
/* The same; no element without a value. */
void put_optional(struct xml_writer *x, const char *name, const char *value);
void put_number(struct xml_writer *x, const char *name, long long value);

/* <NAME KEY='VALUE'/> */
void put_leaf(
    struct xml_writer *x, const char *name, const char *key, const char *value);

/* Bytes in Base64, as the text of the element that is open. */
void put_bytes(struct xml_writer *x, const void *data, size_t size);

/* There was no memory for something: no document is made. */
void put_failed(struct xml_writer *x);

/* The output of PUT with OPAQUE, as a text for the caller to free. */
char *xml_text(void (*put)(struct xml_writer *x, const void *opaque),
    const void *opaque, const struct xml_style *style, size_t *ret_size,
    struct error *err);
