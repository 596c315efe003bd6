/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside tool/: walk over all the options of a program, its own first and
 * then those of its groups, and print what is made of them. */
#pragma once
#include <stdio.h>

#include "tool/options.h"

/* The I-th option or heading, NULL behind the last.  An option of a group
 * that the program has under the same name is left out. */
const struct tool_option *table_at(
    const struct tool_program *program, size_t i);

/* The options of the groups; opaque is the struct tool. */
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
