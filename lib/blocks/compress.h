/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
#include "lib/disk/disk.h"

struct mayfly;

/* Write the disk, a local one, to the empty file FD, compressed: a qcow2 image,
 * or a stream-optimized vmdk. */
int compress_disk(struct mayfly *g, const struct disk *d,
    enum image_format format, int fd, struct error *err);
