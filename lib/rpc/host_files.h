/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The host's files that calls read and write, by the names that the callers
 * give. */
#pragma once
#include "base/error.h"
#include "base/file.h"

/* PATH, for reading; "-": a duplicate of standard input. */
int files_open_input(const char *path, struct error *err);

/* PATH, for writing, also in out->fd; "-": a duplicate of standard output.  A
 * file that does not exist yet, or that may safely be replaced by another, gets
 * its name when it is complete; anything else is written in place. */
int files_open_output(const char *path, struct output *out, struct error *err);

/* The file is complete. */
int files_publish(struct output *out, struct error *err);
