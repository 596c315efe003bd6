/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the host does with foreign bytes, in pieces that can be repeated. */
#pragma once
#include <stddef.h>

#include "base/error.h"

struct subject {
    const char *name;
    const char *seeds; /* a folder of fuzz/seeds.py; NULL: no input */
    /* -1 with an error if it failed; all it made is freed. */
    int (*run)(const char *data, size_t size, struct error *err);
    /* Why an error may have another cause; NULL: it must be the memory. */
    const char *excuse;
};

extern const struct subject subjects[];
extern const size_t n_subjects;
