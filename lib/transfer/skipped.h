/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a copy leaves out, to be reported when the call has ended: a thread
 * does the copying. */
#pragma once
#include <stddef.h>

struct skipped {
    char *first; /* its path */
    size_t n;
};

/* PATH is copied. */
void skipped_add(struct skipped *s, const char *path);
