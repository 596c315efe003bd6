/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The converted disks become images of their own. */
#pragma once
#include "v2v/disks/disks.h"

struct copies {
    char **paths; /* the final names, one for each disk */
    char **sums;  /* blkhash of each; NULL: nobody wanted to know */
    struct image *images;
    size_t n;
};

/* Copy all disks at once, for FOLDER/NAME-sda ..., as disks->format tells.
 * Only what holds data is read and written; a disk that is our own image
 * already only gets what the conversion has changed. */
int copies_make(struct copies *copies, struct disks *disks, const char *folder,
    const char *name, struct error *err);

/* Give them their names, once they are on the disk. */
int copies_commit(struct copies *copies, struct error *err);

void copies_clear(struct copies *copies);
#define cleanup_copies __attribute__((cleanup(copies_clear)))
