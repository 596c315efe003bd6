/* SPDX-License-Identifier: GPL-2.0-or-later */
/* --attach and --attach-format: further disks, read-only, for the commands that
 * run in a guest. */
#pragma once
#include <stddef.h>

#include "tool/options.h"

struct mayfly;

struct attached {
    char **files, **formats; /* of each file; "": guessed */
    const char *format;      /* of those that follow; NULL: guessed */
};

/* The rows of a table of options; OFFSET is the place of the struct attached.
 * N is the space in the table; what is used is returned. */
size_t attach_options(struct tool_option *table, size_t n, size_t offset);

/* Add them to the handle, which may be launched.  Do it after the inspection: a
 * system on one of them is none of the guest's.  Prints its errors; returns an
 * exit code. */
int attach_disks(
    const struct attached *a, const struct tool *t, struct mayfly *g);

void attached_free(struct attached *a);
