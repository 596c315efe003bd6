/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside target/: scripts of the shell. */
#pragma once
#include <stdio.h>

#include "v2v/target/target.h"

/* TEXT as one word. */
void script_quote(FILE *f, const char *text);

/* "$folder"/ and the name of image I, as one word. */
void script_image(FILE *f, const struct result *result, size_t i);

/* Write NAME.ENDING with what PUT writes; MODE 0777 for what is run. */
int script_write(const struct result *result, const char *ending, unsigned mode,
    void (*put)(FILE *f, const struct result *result), struct error *err);
