/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The drivers for one version of Windows, from an ISO or a folder of the
 * virtio-win project: viostor/w10/amd64/viostor.inf, or
 * amd64/w10/viostor.inf. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct driver_file {
    char *name; /* without folders, in lower case */
    char *data;
    size_t size;
};

struct driver_files {
    struct driver_file *files;
    size_t n;
    const char *version;      /* the version's folder, "w10"; NULL: none
                               * match */
    struct driver_file agent; /* the QEMU guest agent's package; or no data */
};

struct driver_wish {
    uint32_t major, minor, build;
    bool server, is_64bit;
};

/* Read the best matching drivers.  Finding none is not an error. */
int driver_files_read(struct driver_files *ret, const char *source,
    const struct driver_wish *wish, struct error *err);

const struct driver_file *driver_files_find(
    const struct driver_files *files, const char *name);

void driver_files_clear(struct driver_files *files);
#define cleanup_driver_files __attribute__((cleanup(driver_files_clear)))
