/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Printing the results of inspection.  All text comes from the guest: it is
 * made valid UTF-8 without control characters before it goes into a
 * document. */
#pragma once
#include <mayfly.h>
#include <stdbool.h>

#include "base/error.h"

struct document {
    const struct mayfly_inspection *found;
    bool applications, icon;
    const char *name; /* of the disks; NULL: none */
};

/* The form of virt-inspector. */
int document_xml(const struct document *d, struct error *err);

/* Our own form, with everything that inspection found. */
int document_json(const struct document *d, struct error *err);

/* Print what QUERY finds in the XML on standard input. */
int document_xpath(const char *query, struct error *err);

/* Write a whole document to stdout. */
int document_write(const void *data, size_t size, struct error *err);

/* A copy of foreign text: newlines and tabs stay; other control characters and
 * invalid UTF-8 become \xhh. */
char *document_text(const char *text);

/* The file system that MOUNTABLE names, or the one that it is a part of; NULL
 * if it was not found. */
const struct mayfly_inspection_filesystem *document_filesystem(
    const struct document *d, const char *mountable);
