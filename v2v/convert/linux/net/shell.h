/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files of settings that a shell reads: NAME=VALUE, quoted in any way. */
#pragma once
#include "base/error.h"

/* A position in such a text, which starts with TEXT and line 0. */
struct shell_text {
    const char *text;
    unsigned line; /* of the end of the last assignment */
};

/* The next assignment: 1, or 0 at the end.  The words of an array, NAME=(A B),
 * are separated by blanks.  The caller frees both. */
int shell_next(
    struct shell_text *t, char **ret_name, char **ret_value, struct error *err);
