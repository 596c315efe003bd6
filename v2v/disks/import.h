/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Disks that have a reader (v2v/source/reader.h): their content is written to
 * an image of ours before anything else. */
#pragma once
#include <stdint.h>

#include "v2v/copy/image.h"

struct guest_disk;

/* Import DISK, whose reader has copy, to an image; it is written, but not yet
 * flushed to the disk, and not served. */
int import_image(const struct guest_disk *disk,
    const struct image_options *options, uint64_t bwlimit, struct image *ret,
    struct error *err);

/* Import DISK to a raw file FOLDER/NAME.raw, or if its reader unpacks, to the
 * image FOLDER/NAME.image; *ret_path is the file's path. */
int import_disk(const struct guest_disk *disk, const char *folder,
    const char *name, char **ret_path, struct error *err);
