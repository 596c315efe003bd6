/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pure edits of passwd(5), group(5) and the like.  Each returns a new text that
 * the caller frees, or NULL if there is no memory. */
#pragma once
#include <stdbool.h>

/* The fields of a line of passwd(5), NAME:x:UID:GID:GECOS:HOME:SHELL; false: it
 * is none. */
struct passwd_line {
    char *name, *home;
    long uid;
};
bool passwd_line_read(const char *line, struct passwd_line *ret);
void passwd_line_clear(struct passwd_line *p);

/* TEXT without the lines whose first field is one of NAMES. */
char *text_without_names(const char *text, char *const *names);

/* TEXT, of group(5) or gshadow(5), without the groups of NAMES, and NAMES as
 * members of other groups. */
char *group_without_names(const char *text, char *const *names);

/* The number that login.defs(5) has for NAME, else OTHERWISE. */
long login_defs_number(const char *text, const char *name, long otherwise);
