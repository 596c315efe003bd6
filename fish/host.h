/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Commands of the host: /bin/sh -c COMMAND, with the signals of a normal
 * program. */
#pragma once
#include <sys/types.h>

#include "base/error.h"

/* Start COMMAND with stdin and stdout from these files; -1: the shell's own.
 * Returns the process, or -1. */
pid_t host_start(const char *command, int in, int out, struct error *err);

/* The same for the program at a path, and its words. */
pid_t host_start_words(
    const char *program, char **argv, int in, int out, struct error *err);

/* Wait for it.  Returns 0 if it succeeded, else -1 with an error that names
 * COMMAND and its exit code. */
int host_wait(pid_t pid, const char *command, struct error *err);

/* Both. */
int host_run(const char *command, struct error *err);
