/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One disk with a partition table, made of images of partitions. */
#pragma once
#include "v2v/disks/disks.h"

/* Make what the overlay of T will stand on, in FOLDER: sets base, format and
 * where the parts are placed.  No content of a part is copied, unless it
 * is no raw file and cannot be shown as one. */
int assemble(struct target_disk *t, const char *folder, struct error *err);

/* For what is not in the appliance's cage: block devices themselves, not the
 * files they were shown as. */
int assemble_direct(
    const struct target_disk *t, const char *folder, struct error *err);

/* G has started with the overlays: tables that only it can make. */
int assemble_tables(
    const struct disks *disks, struct mayfly *g, struct error *err);
