/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The systems that can be converted.  One is a folder here, whose convert.c
 * ends in a table entry; the table is in systems.c. */
#pragma once
#include "v2v/convert/conversion.h"

struct guest_system {
    const char *type; /* as inspection calls it */
    /* Check before its file systems are mounted; what is in the way is
     * reported as blocked.  NULL: nothing to check. */
    int (*check)(struct conversion *c, struct error *err);
    /* All the steps, in order. */
    int (*convert)(struct conversion *c, struct error *err);
};

extern const struct guest_system system_linux, system_windows;

/* NULL if it is none of them. */
const struct guest_system *system_find(const char *type);

/* The I-th; NULL after the last. */
const struct guest_system *system_at(size_t i);
