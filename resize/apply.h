/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The steps, in the appliance. */
#pragma once
#include <mayfly.h>

#include "base/error.h"
#include "resize/plan.h"
#include "resize/resize.h"
#include "tool/options.h"

struct work {
    struct mayfly *g;
    const struct resize *r;
    const struct tool *t;
    const struct plan *p;
    const char *device; /* the disk */
};

/* Make what has to become smaller smaller: its content, not the partition. */
int apply_shrink(const struct work *w, struct error *err);

/* Move the ends of partitions that stay where they are. */
int apply_ends(const struct work *w, struct error *err);

/* Make the table on DISK, which is empty, and copy the content of the
 * partitions there. */
int apply_copy(const struct work *w, const char *disk, struct error *err);

/* What is in partitions that have grown, another partition, volumes. */
int apply_growth(const struct work *w, struct error *err);

/* "[   1.2] TEXT", unless it is to be quiet. */
void apply_say(const struct resize *r, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
