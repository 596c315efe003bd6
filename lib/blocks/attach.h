/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A disk in a block server. */
#pragma once
#include <stdbool.h>

#include "base/error.h"
#include "lib/disk/disk.h"

struct block_server;
struct mayfly;

/* Add the disk as the node NAME; read-only unless WRITABLE.  The server can
 * have one remote disk. */
int server_add_disk(struct mayfly *g, struct block_server *s,
    const struct disk *d, bool writable, const char *name, struct error *err);
