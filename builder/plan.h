/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A build: what is decided before anything is touched, and its execution. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "builder/catalog/index.h"
#include "customize/customize.h"

struct plan {
    const struct template *template;
    const char *output;            /* path of the image to make */
    const char *format;            /* raw or qcow2 */
    uint64_t size;                 /* of the image */
    const char *cache;             /* folder, or NULL: no cache */
    const struct attached *attach; /* further disks for commands */
    const struct customize *customize;
    int memsize, smp; /* 0: the appliance's default */
    bool check;       /* signatures and checksums */
    bool network;     /* of the appliance */
    bool flush;       /* wait until it is on the disk */
    bool keep;        /* an image whose build failed */
};

/* Check that it is possible, as far as that can be known in advance.  Sets the
 * size for a block device and if none was given (0). */
int plan_check(struct plan *plan, struct error *err);

/* Print the steps. */
void plan_print(const struct plan *plan);
