/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Find a command by any of its spellings. */
#pragma once
#include <stddef.h>

#include "commands.h"
#include "fish/builtin.h"
#include "fish/old_names.h"

struct found {
    const struct builtin *builtin; /* one of these three, or none */
    const struct command *command;
    const struct old_name *old;
};

/* NAME in upper or lower case, with "-" or "_".  TABLE has the builtins. */
struct found lookup(const struct builtin *table, const char *name);

/* The builtin of exactly that name, or NULL. */
const struct builtin *lookup_builtin(
    const struct builtin *table, const char *name);

/* The I-th name of all commands, aliases and builtins, or NULL. */
const char *lookup_name(const struct builtin *table, size_t i);
