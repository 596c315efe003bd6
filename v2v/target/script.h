/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside target/: shell scripts. */
#pragma once
#include <stdio.h>

#include "v2v/target/target.h"

/* Write TEXT quoted as one word. */
void script_quote(FILE *f, const char *text);

/* "$folder"/ and the name of image I, as one word. */
void script_image(FILE *f, const struct result *result, size_t i);

/* Write NAME.ENDING with the output of PUT; MODE is 0777 for a script to
 * run. */
int script_write(const struct result *result, const char *ending, unsigned mode,
    void (*put)(FILE *f, const struct result *result), struct error *err);
