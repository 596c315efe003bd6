/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copy disks, all at the same time. */
#pragma once
#include "v2v/copy/image.h"
#include "v2v/copy/map.h"

/* What of the source is looked at. */
enum visit {
    VISIT_ALL,   /* everything but holes and zeroes, which become zeroes */
    VISIT_TOP,   /* what its uppermost image has, not those below it */
    VISIT_DIRTY, /* what a dirty bitmap tells */
};

/* One disk. */
struct transfer {
    struct server *source;
    const struct map *map; /* of the source; NULL: all comes from the server */
    struct image *target;
    enum visit visit;
    const char *bitmap; /* of VISIT_DIRTY */
    uint64_t read;      /* out: bytes that came from the source */
};

/* The label is that of the progress; BWLIMIT is in bytes of the sources a
 * second, 0: none. */
int transfer_run(struct transfer *transfers, size_t n, const char *label,
    uint64_t bwlimit, struct error *err);
