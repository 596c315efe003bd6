/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How many processors may this process use? */
#pragma once

/* At least 1: those that it may run on, but no more than its control group (of
 * version 2), or one above it, gives it time for. */
unsigned processors_available(void);

/* The same with another list of the process's groups, and another root of their
 * tree; for tests. */
unsigned processors_within(
    unsigned affinity, const char *groups, const char *root);
