/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which operations are done, and what their options say. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

enum { MAX_OPERATIONS = 64 };

struct sysprep_settings {
    bool chosen; /* ENABLED counts; else the usual ones are done */
    bool enabled[MAX_OPERATIONS];
    bool by_enable; /* --enable was given */
    char **remove_users, **keep_users;
    char **scripts;
    const char *script_folder;
};

/* --enable LIST, which can be given once. */
int selection_enable(
    struct sysprep_settings *s, const char *list, struct error *err);

/* --operations LIST, which adds to and takes from what was chosen before. */
int selection_change(
    struct sysprep_settings *s, const char *list, struct error *err);

/* Is the operation of this name done? */
bool selection_has(const struct sysprep_settings *s, const char *name);

/* One line for each operation: its name, * if it is done by default, what it
 * does. */
void selection_list(void);
