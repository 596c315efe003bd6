/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Disks that QEMU cannot read where they are, or not rightly: their content is
 * written to an image of ours before anything else. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "v2v/copy/image.h"
#include "v2v/copy/stream.h"

struct guest_disk;

/* Where a disk's content goes. */
struct import {
    struct image_options options; /* but for the size */
    uint64_t bwlimit;             /* for readers of a network; 0: none */
    struct image image;
    struct stream stream;
};

struct disk_reader {
    /* Tell the size by import_begin and the content by import_write, holes
     * left out; or NULL, and */
    int (*copy)(
        const struct guest_disk *disk, struct import *to, struct error *err);
    /* write the image with the content, of a format that its header says, to
     * the empty file TO. */
    int (*unpack)(const struct guest_disk *disk, int to, struct error *err);
};

extern const struct disk_reader reader_ova, reader_remote, reader_vhd,
    reader_xva;

/* The reader for a disk, NULL if QEMU is good enough. */
const struct disk_reader *import_reader(const struct guest_disk *disk);

/* The content of DISK, whose reader copies, as an image; it is written, but
 * not on the disk yet, and nobody serves it. */
int import_image(const struct guest_disk *disk,
    const struct image_options *options, uint64_t bwlimit, struct image *ret,
    struct error *err);

/* The content as a raw file FOLDER/NAME.raw, or if its reader unpacks, the
 * image as FOLDER/NAME.image; *ret_path is that. */
int import_disk(const struct guest_disk *disk, const char *folder,
    const char *name, char **ret_path, struct error *err);

/* For readers: the disk has SIZE bytes; only make the image, or also begin to
 * write it from its start to its end. */
int import_open(struct import *to, uint64_t size, struct error *err);
int import_begin(struct import *to, uint64_t size, struct error *err);
int import_write(struct import *to, const uint8_t *data, size_t size,
    uint64_t offset, struct error *err);
