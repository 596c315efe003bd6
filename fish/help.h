/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
#include <stdio.h>

struct builtin;

/* All commands, one a line; TABLE has the builtins. */
void help_list(const struct builtin *table);

/* The sections of mayfish(1) on builtins and older names. */
void help_manual(const struct builtin *table, FILE *out);

/* The page of one command; -1 if there is no command of that name. */
int help_page(const struct builtin *table, const char *name);
