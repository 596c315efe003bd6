/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What mayfly-sparsify is asked to do. */
#pragma once
#include <stdbool.h>

#include "tool/options.h"

enum check_space { SPACE_WARN, SPACE_IGNORE, SPACE_FAIL };

struct sparsify {
    const char *in, *out; /* OUT: NULL if it is done in place */
    const char *format, *convert, *folder;
    int blocksize;
    char **ignored, **zeroed;
    enum check_space check_space;
    bool in_place, compress, quiet, machine_readable;
    double start;
};

/* Both return the exit code. */
int sparsify_in_place(const struct sparsify *s, struct tool *t);
int sparsify_copy(const struct sparsify *s, struct tool *t);

void sparsify_say(const struct sparsify *s, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
