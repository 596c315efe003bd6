/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One disk with a partition table, made from images of partitions. */
#pragma once
#include "v2v/disks/disks.h"

/* Make the base for the overlay of T in FOLDER; sets base, format and the
 * places of the partitions.  The content of a partition is copied only if it is
 * not a raw file and cannot be presented as one. */
int assemble(struct target_disk *t, const char *folder, struct error *err);

/* For programs outside the appliance's cage: the block devices themselves, not
 * the files they were presented as. */
int assemble_direct(
    const struct target_disk *t, const char *folder, struct error *err);

/* Make the tables that only G, started with the overlays, can make. */
int assemble_tables(
    const struct disks *disks, struct mayfly *g, struct error *err);
