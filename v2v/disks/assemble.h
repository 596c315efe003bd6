/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One disk with a partition table, made from images of partitions. */
#pragma once
#include "v2v/copy/map.h"
#include "v2v/disks/disks.h"

/* Make the base for the overlay of T in FOLDER; sets base, format and the
 * places of the partitions.  The content of a partition is copied, with the
 * help of G, only if it is not a raw file and cannot be presented as one.  The
 * keys of TOOL open it. */
int assemble(struct target_disk *t, const char *folder, const struct tool *tool,
    struct mayfly *g, struct error *err);

/* Where the partitions lie in files of the host. */
int assemble_pieces(
    const struct target_disk *t, struct map *map, struct error *err);

/* Make the tables that only G, started with the overlays, can make. */
int assemble_tables(
    const struct disks *disks, struct mayfly *g, struct error *err);
