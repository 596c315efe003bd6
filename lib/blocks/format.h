/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Empty images in new files. */
#pragma once
#include "lib/blocks/server.h"

struct new_image {
    enum image_format format;
    uint64_t size;
    const char *backing, *backing_format; /* NULL: none */
    const char *preallocation;            /* NULL: off; metadata, full */
    const char *compat;                   /* NULL: QEMU's default, 1.1 */
    int cluster_size;                     /* 0: the default */
};

/* Raw and plain qcow2 we write ourselves; the rest is QEMU's work. */
bool new_image_needs_server(const struct new_image *image);

/* Write it to the empty file FD, which becomes the node NAME of SERVER.  SERVER
 * may be NULL if it is not needed. */
int new_image_write(const struct new_image *image, int fd,
    struct block_server *server, const char *name, struct error *err);
