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

/* -1, and a line on stderr, if a text is for an option that is not there. */
int table_manual(const struct tool_program *program, FILE *out);

/* For tests: "-a, --add" with "+" before an option of --help and "-" before
 * one of the manual alone; each command of EXAMPLES and what it needs, each
 * ended by a zero byte. */
void table_options(const struct tool_program *program, FILE *out);
void table_examples(const struct tool_program *program, FILE *out);
void table_statuses(const struct tool_program *program, FILE *out);

/* What the manual says more about a shared option, or NULL. */
const char *shared_detail(const struct tool_option *o);

/* What a code always means. */
const char *exit_meaning(int code);

/* SHELL is bash, zsh or fish; -1 if it is another. */
int table_completion(
    const struct tool_program *program, const char *shell, FILE *out);

/* The name with its dashes: "--add", or "-on". */
static inline const char *
table_dashes(const struct tool_option *o)
{
    return o->name[0] == '-' ? "" : "--";
}

/* Is VALUE of the form [X]? */
static inline bool
table_optional_value(const struct tool_option *o)
{
    return o->value && o->value[0] == '[';
}
