/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pure edits of the text of well-known files.  Each returns a new text that
 * the caller frees, or NULL with an error. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/* TEXT with LINE as its last line.  The line ends are those of TEXT (LF, CR LF
 * or CR); a missing end of the last line is added. */
char *edit_append_line(
    const char *text, size_t size, const char *line, struct error *err);

/* shadow(5) with the password field of USER changed to HASH.  ENOENT: there is
 * no such user.  HASH NULL: only look; *ret_field becomes a copy of the current
 * field. */
char *edit_shadow(
    const char *text, const char *user, const char *hash, struct error *err);
char *edit_shadow_field(const char *text, const char *user, struct error *err);

/* hosts(5) with the names OLD and OLD without its domain replaced. */
char *edit_hosts(
    const char *text, const char *old, const char *new_name, struct error *err);

/* TEXT with the value of each line NAME=... replaced, or with such a line
 * added. */
char *edit_assignment(
    const char *text, const char *name, const char *value, struct error *err);
