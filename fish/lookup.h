/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Find a command by any of its spellings. */
#pragma once
#include <stddef.h>

#include "commands.h"
#include "fish/builtin.h"

struct found {
    const struct builtin *builtin; /* one of these two, or neither */
    const struct command *command;
};

/* NAME in upper or lower case, with "-" or "_". */
struct found lookup(const char *name);

/* The I-th name of all commands, aliases and builtins, or NULL. */
const char *lookup_name(size_t i);
