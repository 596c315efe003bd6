/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Temporary files and folders that have a name, and what a killed program left
 * of them.
 *
 * Whoever makes one holds an flock on it while it is in use.  One that can be
 * locked has no owner any more, however it ended and whatever its process
 * number is today, so the next program that needs one in the same place removes
 * it.  Names are ours alone, and only the own user's files are touched.
 *
 * On file systems of other machines and of FUSE a lock proves nothing, or
 * disturbs QEMU's own: there nothing is locked and nothing is removed. */
#pragma once
#include <stdbool.h>

#include "base/error.h"

/* A fresh name for a temporary file beside PATH; NULL: no memory. */
char *leftover_name(const char *path);

/* Lock the file or folder just made.  False: another program took it for a
 * leftover before that; try again with another name. */
bool leftover_claim(int fd);

/* Remove files beside PATH that a killed program has left. */
void leftover_sweep(const char *path);

/* A folder for temporary files, mode 0700. */
struct work_folder {
    char *path; /* NULL: none */
    int lock;
};

/* In FOLDER; NULL: in $TMPDIR, else /tmp. */
int work_folder_make(
    struct work_folder *ret, const char *folder, struct error *err);
void work_folder_remove(struct work_folder *w);
