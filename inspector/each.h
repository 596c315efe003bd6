/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Many images, each of a machine of its own. */
#pragma once
#include <stddef.h>

/* For each of the N images NAMES a process that runs ONE (its exit code is
 * what that returns), JOBS at once (0: as many as there are processors); what
 * ONE prints, a JSON document or nothing, becomes a line of JSON on stdout, in
 * the order of NAMES.  Returns the program's exit code. */
int each_run(char *const *names, size_t n, int jobs,
    int (*one)(void *opaque, const char *name), void *opaque);
