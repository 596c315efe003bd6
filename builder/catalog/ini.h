/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The INI dialect of virt-builder's index files and repos.d, see
 * virt-builder(1), "CREATING AND SIGNING INDEX FILES".
 *
 *     # a comment, in column 0 only
 *     [ID]
 *     key=value to the end of the line, kept as it is
 *     key[sub]=value
 *      a line that starts with a blank continues the value
 *
 * OpenPGP verification takes blanks off the ends of lines, so a blank line
 * inside a continued value arrives empty; it belongs to the value if a
 * continuation follows. */
#pragma once
#include <stddef.h>

#include "base/error.h"

enum {
    INI_MAX_SIZE = 16 << 20,
    INI_MAX_SECTIONS = 10000,
    INI_MAX_FIELDS = 256,
};

struct ini_field {
    char *key;
    char *sub; /* of key[sub], else NULL */
    char *value;
    unsigned line;
};

struct ini_section {
    char *id;
    struct ini_field *fields;
    size_t n_fields;
    unsigned line;
};

struct ini {
    struct ini_section *sections;
    size_t n_sections;
};

/* Parse SIZE bytes of TEXT.  A key may appear only once in a section; sections
 * with the same id are left to the caller.  Errors start with "line N: ". */
int ini_parse(
    const char *text, size_t size, struct ini *ret, struct error *err);

/* The value of KEY, or of KEY[SUB] if SUB is not NULL; NULL if missing. */
const char *ini_get(
    const struct ini_section *s, const char *key, const char *sub);

void ini_free(struct ini *ini);

#define cleanup_ini __attribute__((cleanup(ini_free)))
