/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Disks that QEMU cannot read, or not rightly: their content is copied to a
 * sparse raw file, once, before anything else. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct guest_disk;

struct disk_reader {
    /* Write the content of DISK to the empty file TO, holes left out, and
     * give it its full size; or the image with the content. */
    int (*copy)(const struct guest_disk *disk, int to, struct error *err);
    bool is_image; /* of a format that its header says */
};

extern const struct disk_reader reader_ova, reader_vhd, reader_xva;

/* The reader for a disk, NULL if QEMU is good enough. */
const struct disk_reader *import_reader(const struct guest_disk *disk);

/* Copy DISK, which has a reader, to FOLDER/NAME.raw, or .image if it is one;
 * *ret_path is that. */
int import_disk(const struct guest_disk *disk, const char *folder,
    const char *name, char **ret_path, struct error *err);

/* Write DATA at OFFSET, but for the parts that are zero. */
int import_write(int to, const uint8_t *data, size_t size, uint64_t offset,
    struct error *err);
