/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Many images, each of them a separate machine. */
#pragma once
#include <stddef.h>

/* For each of the N images in NAMES run ONE in a process of its own (the result
 * of ONE is its exit code), JOBS at once (0: as many as there are processors).
 * The output of ONE, a JSON document or nothing, becomes a line of JSON on
 * stdout, in the order of NAMES.  Returns the program's exit code. */
int each_run(char *const *names, size_t n, int jobs,
    int (*one)(void *opaque, const char *name), void *opaque);
