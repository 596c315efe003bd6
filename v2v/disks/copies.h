/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copies the converted disks to images of their own. */
#pragma once
#include "v2v/disks/disks.h"

struct copies {
    char **paths; /* the final names, one for each disk */
    char **sums;  /* blkhash of each; NULL: not requested */
    struct image *images;
    size_t n;
};

/* Copy all disks at once to FOLDER/NAME-sda ..., in disks->format.  Only data
 * is read and written; a disk that already is our own image only gets the
 * changes of the conversion. */
int copies_make(struct copies *copies, struct disks *disks, struct mayfly *g,
    const char *folder, const char *name, struct error *err);

/* Give them their names, once they are on the disk. */
int copies_commit(struct copies *copies, struct error *err);

void copies_clear(struct copies *copies);
#define cleanup_copies __attribute__((cleanup(copies_clear)))
