/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The host's files that calls read and write, by the names their callers
 * give. */
#pragma once
#include "base/error.h"
#include "base/file.h"

/* PATH to be read; "-": a duplicate of standard input. */
int files_open_input(const char *path, struct error *err);

/* PATH to be written, also in out->fd; "-": a duplicate of standard output.
 * A file that is not there yet, or that may well become another one, gets its
 * name when it is complete; anything else is written to where it is. */
int files_open_output(const char *path, struct output *out, struct error *err);

/* It is complete. */
int files_publish(struct output *out, struct error *err);
