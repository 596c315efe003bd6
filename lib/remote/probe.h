/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What image does a server have?  Its header is read as that of a local file
 * is, through the connection that QEMU has to the server. */
#pragma once
#include <stdbool.h>

#include "lib/disk/disk.h"

struct json_object;
struct mayfly;
struct qmp;

/* Of the remote disk D, whose bytes are the node NODE of QEMU: the image on it,
 * as the arguments of blockdev-add, and its size.  Fails if the image cannot be
 * used there: it would need other files.  CONNECTION (-1: none) is a copy of
 * QEMU's connection to the server; it is cut if that does not answer, so that
 * QEMU does not wait for it. */
int remote_probe(struct mayfly *g, struct qmp *q, const char *node,
    int connection, const struct disk *d, bool writable,
    struct json_object **ret, uint64_t *ret_size, struct error *err);
