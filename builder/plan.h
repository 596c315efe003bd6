/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A build: what was decided before anything is touched, and the doing. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "builder/index.h"
#include "customize/customize.h"
#include "tool/options.h"

struct plan {
    const struct template *template;
    const char *output;  /* path of the image to make */
    const char *format;  /* raw or qcow2 */
    uint64_t size;       /* of the image */
    const char *cache;   /* folder, or NULL: without */
    char *const *attach; /* further disks for the appliance, read-only */
    const struct customize *customize;
    int memsize, smp; /* 0: as the appliance has them */
    bool check;       /* signatures and checksums */
    bool network;     /* of the appliance */
    bool flush;       /* wait until the disk has it */
};

/* Is it possible, as far as one can tell without doing it?  Settles the size
 * for a block device and for none given (0). */
int plan_check(struct plan *plan, struct error *err);

/* Tell what would be done. */
void plan_print(const struct plan *plan);

/* Do it.  Tells its errors; returns an exit code. */
int plan_run(const struct plan *plan, const struct tool *tool,
    void (*say)(bool password, const char *text));
