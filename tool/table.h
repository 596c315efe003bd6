/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The inside of tool/: go through all options of a program, its own first and
 * then those of its groups, and print what is derived from them. */
#pragma once
#include <stdio.h>

#include "tool/options.h"

/* The I-th option or heading, NULL after the last.  A group's option is left
 * out if the program has one of the same name. */
const struct tool_option *table_at(
    const struct tool_program *program, size_t i);

/* The options of the groups; for them opaque is the struct tool. */
const struct tool_option *shared_at(unsigned groups, size_t i);

void table_help(const struct tool_program *program, FILE *out);
void table_manual(const struct tool_program *program, FILE *out);

/* SHELL is bash, zsh or fish; -1 if it is another. */
int table_completion(
    const struct tool_program *program, const char *shell, FILE *out);

/* Is VALUE of the form [X]? */
static inline bool
table_optional_value(const struct tool_option *o)
{
    return o->value && o->value[0] == '[';
}
