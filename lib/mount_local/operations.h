/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The guest's files as a file system of the host. */
#pragma once
#define FUSE_USE_VERSION 35
#include <fuse.h>

#include "lib/handle/handle.h"

/* Made by mount_local, gone when mount_local_run returns or the handle is
 * closed. */
struct local_mount {
    struct mayfly *g;
    struct fuse *fuse;
    char *mountpoint;
    bool read_only;
    int cache_timeout; /* seconds that the kernel may trust attributes */
};

/* The kernel's requests; their private data is the struct local_mount. */
extern const struct fuse_operations local_operations;
