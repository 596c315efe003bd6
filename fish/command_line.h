/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What guestfish's command line allows beyond options and commands. */
#pragma once
#include "fish/shell.h"

/* In ARGV, "-COMMAND" after ":" is a command and no option, as if "--" were
 * before the colon.  Returns a vector to use in place of ARGV, and its length;
 * NULL: no memory. */
char **command_line_read(
    const struct builtin *table, char **argv, int *ret_argc);

/* The old form of -i, without -a, -d and -N: the first words are disks and
 * domains, until one is a command.  Returns an exit code. */
int command_line_disks(struct shell *sh);
