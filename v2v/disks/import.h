/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Disks that QEMU cannot read in place, or not correctly: their content is
 * first written to an image of ours. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "v2v/copy/image.h"
#include "v2v/copy/stream.h"

struct guest_disk;

/* The destination of a disk's content. */
struct import {
    struct image_options options; /* except for the size */
    uint64_t bwlimit;             /* for readers from a network; 0: no limit */
    struct image image;
    struct stream stream;
};

struct disk_reader {
    /* Pass the size to import_begin and the content, without holes, to
     * import_write; or NULL, and */
    int (*copy)(
        const struct guest_disk *disk, struct import *to, struct error *err);
    /* unpack writes the image with the content, whose header says its format,
     * to the empty file TO. */
    int (*unpack)(const struct guest_disk *disk, int to, struct error *err);
};

extern const struct disk_reader reader_ova, reader_remote, reader_vhd,
    reader_xva;

/* The reader for a disk; NULL if QEMU can read it. */
const struct disk_reader *import_reader(const struct guest_disk *disk);

/* Import DISK, whose reader has copy, to an image; it is written, but not yet
 * flushed to the disk, and not served. */
int import_image(const struct guest_disk *disk,
    const struct image_options *options, uint64_t bwlimit, struct image *ret,
    struct error *err);

/* Import DISK to a raw file FOLDER/NAME.raw, or if its reader unpacks, to the
 * image FOLDER/NAME.image; *ret_path is the file's path. */
int import_disk(const struct guest_disk *disk, const char *folder,
    const char *name, char **ret_path, struct error *err);

/* For readers: the disk has SIZE bytes. import_open only makes the image;
 * import_begin also starts writing it from start to end. */
int import_open(struct import *to, uint64_t size, struct error *err);
int import_begin(struct import *to, uint64_t size, struct error *err);
int import_write(struct import *to, const uint8_t *data, size_t size,
    uint64_t offset, struct error *err);
