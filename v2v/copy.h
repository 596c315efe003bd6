/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The converted disks become images of their own. */
#pragma once
#include "v2v/disks.h"

struct copies {
    char **paths; /* the final names, one for each disk */
    size_t n;
    struct output *outputs; /* not committed yet */
};

/* Copy all disks at once to FOLDER/NAME-sda ..., as FORMAT (raw, qcow2),
 * under temporary names.  Only what holds data is read and written. */
int copies_make(struct copies *copies, const struct disks *disks,
    const char *folder, const char *name, const char *format,
    struct error *err);

/* Give them their names, once they are on the disk. */
int copies_commit(struct copies *copies, struct error *err);

/* Remove what is not committed. */
void copies_clear(struct copies *copies);
#define cleanup_copies __attribute__((cleanup(copies_clear)))
