/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copy disks, all at the same time. */
#pragma once
#include "v2v/copy/image.h"
#include "v2v/copy/map.h"

/* Which parts of the source are read. */
enum visit {
    VISIT_ALL,   /* everything except holes and zeroes, which become zeroes */
    VISIT_TOP,   /* what its top image has, not its backing files */
    VISIT_DIRTY, /* what a dirty bitmap marks */
};

/* One disk. */
struct transfer {
    struct server *source;
    const struct map *map; /* of the source; NULL: read everything through
                            * the server */
    struct image *target;
    enum visit visit;
    const char *bitmap; /* of VISIT_DIRTY */
    uint64_t read;      /* out: bytes that came from the source */
};

/* LABEL is for the progress; BWLIMIT is in bytes per second of all sources, 0:
 * none. */
int transfer_run(struct transfer *transfers, size_t n, const char *label,
    uint64_t bwlimit, struct error *err);
