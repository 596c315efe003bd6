/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From the options to places and sizes. */
#pragma once
#include <mayfly.h>

#include "base/error.h"
#include "resize/layout.h"
#include "resize/resize.h"

struct plan {
    struct layout layout;
    uint64_t old_size;   /* bytes of the disk before */
    bool table;          /* the disk has one */
    bool whole_grows;    /* without one: what is on it grows */
    uint64_t rest_start; /* sectors of another partition, if there are any */
    uint64_t rest;
};

/* The disk as it is, on DEVICE, and the options; the new disk has SIZE
 * bytes. */
int plan_make(const struct resize *r, struct mayfly *g, const char *device,
    uint64_t size, struct plan *ret, struct error *err);

/* What will be done, a line for each partition. */
void plan_print(const struct resize *r, const struct plan *p);

static inline void
plan_clear(struct plan *p)
{
    layout_clear(&p->layout);
}
#define cleanup_plan __attribute__((cleanup(plan_clear)))
