/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One disk with a partition table, made of images of partitions. */
#pragma once
#include "v2v/disks.h"

/* Make what the overlay of T will stand on, in FOLDER: sets base, format and
 * where the parts are placed.  No content of a part is copied unless it is
 * of another format than raw, or on a block device. */
int assemble(struct target_disk *t, const char *folder, struct error *err);

/* G has started with the overlays: tables that only it can make. */
int assemble_tables(
    const struct disks *disks, struct mayfly *g, struct error *err);
