/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The destination of a disk's content, for readers: an image. */
#pragma once
#include <stddef.h>
#include <stdint.h>

#include "v2v/copy/image.h"
#include "v2v/copy/stream.h"

struct import {
    struct image_options options; /* except for the size */
    uint64_t bwlimit;             /* for readers from a network; 0: no limit */
    struct image image;
    struct image_stream stream;
};

/* The disk has SIZE bytes.  import_open only makes the image; import_begin also
 * starts writing it from start to end. */
int import_open(struct import *to, uint64_t size, struct error *err);
int import_begin(struct import *to, uint64_t size, struct error *err);
int import_write(struct import *to, const uint8_t *data, size_t size,
    uint64_t offset, struct error *err);
