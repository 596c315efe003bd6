/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files with [Section] and Key=Value, as systemd and NetworkManager read them:
 * a key may come again, and what is no such line is passed over. */
#pragma once
#include <stdbool.h>

#include "base/error.h"

struct ini_text {
    char *rest;      /* of a text that is written to */
    unsigned line;   /* where that one starts */
    bool continues;  /* systemd: a line that ends in "\\" goes on in the next */
    unsigned joined; /* lines of the last one after its first */
    /* Of the last line, inside that text. */
    char *section, *key, *value;
};

/* Go to the next line with a key; false at the end. */
bool ini_next(struct ini_text *t);

/* Is it KEY in SECTION? */
bool ini_is(const struct ini_text *t, const char *section, const char *key);
