/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names that guestfish has and the library has not: older spellings of a
 * command, settings that are only stored, and what is refused.  Data only;
 * run.c runs them. */
#pragma once
#include <stddef.h>

enum old_kind {
    OLD_COMMAND, /* another command: $1 is the first word, and so on */
    OLD_NOTHING, /* accepted, without an effect */
    OLD_ANSWER,  /* prints a text */
    OLD_SET,     /* stores a text or truth value under a name ... */
    OLD_GET,     /* ... and prints it */
    OLD_REFUSED,
};

struct old_name {
    const char *name;
    const char *words; /* separated by blanks, for the usage; NULL: none, and
                          OLD_REFUSED takes any */
    enum old_kind kind;
    const char *text;  /* the command, the answer, the name or the reason */
    const char *value; /* OLD_SET, OLD_GET: what it is at first; "true" or
                          "false": it is a truth value */
};

extern const struct old_name old_names[];
extern const size_t n_old_names;

/* In upper or lower case, with "-". */
const struct old_name *old_name_find(const char *name);

/* How many words follow. */
size_t old_name_count(const struct old_name *o);

/* The command of an OLD_COMMAND, with the words of ARGV in their places, for
 * strv_free; NULL: no memory. */
char **old_name_command(const struct old_name *o, char *const *argv);
