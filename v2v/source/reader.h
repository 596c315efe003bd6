/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Readers of disks that QEMU cannot read in place, or not correctly. */
#pragma once
#include "tool/options.h"
#include "v2v/machine/guest.h"

struct import;

struct disk_reader {
    /* Pass the size to import_begin and the content, without holes, to
     * import_write (v2v/copy/import_target.h); or NULL, and */
    int (*copy)(
        const struct guest_disk *disk, struct import *to, struct error *err);
    /* unpack writes the image with the content, whose header says its format,
     * to the empty file TO. */
    int (*unpack)(const struct guest_disk *disk, int to, struct error *err);
};

extern const struct disk_reader reader_blank, reader_ova, reader_remote,
    reader_vhd, reader_xva;

/* What is each image?  Asked here, after the source has been read; from then on
 * disk->format and disk->reader say it.  The format of an image on another
 * machine or packed in an archive may stay unknown until it is copied here.
 *
 * An image that QEMU will read is opened once by the library, with the policy
 * of TOOL: a format that is only a guess must be one of an image that names no
 * other file, and later it counts as given. */
int readers_find(
    struct guest *guest, const struct tool *tool, struct error *err);
