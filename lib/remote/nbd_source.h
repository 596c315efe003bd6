/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The bytes of an NBD export, for the readers of headers.  Only what these need
 * of the protocol: the handshake and reads, one at a time. */
#pragma once
#include "lib/disk/image_source.h"

struct nbd_source {
    int fd, cancel_fd; /* the caller's; cancel_fd readable: give up */
};

/* FD is a connection to a server of ours, whose default export is read.  SOURCE
 * must outlive RET. */
int nbd_source_open(
    struct nbd_source *source, struct image_source *ret, struct error *err);
