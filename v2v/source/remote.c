/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Disks on other machines, by URI. They are copied to the target before they
 * are inspected, like any other copy. */
#include <config.h>

#include "base/cleanup.h"
#include "v2v/copy/import_target.h"
#include "v2v/copy/transfer.h"
#include "v2v/machine/guest.h"
#include "v2v/source/reader.h"

static int
copy(const struct guest_disk *disk, struct import *to, struct error *err)
{
    /* For a file, raw gives its bytes, whatever its format. */
    const struct server_image image = {.path = disk->path, .format = "raw"};
    cleanup_server struct server server = {0};
    uint64_t size;

    if (server_start(&server, &image, to->options.folder, err) < 0 ||
        server_size(&server, &size, err) < 0 || import_open(to, size, err) < 0)
        return -1;

    struct transfer transfer = {.source = &server, .target = &to->image};
    return transfer_run(&transfer, 1, "read", to->bwlimit, err);
}

const struct disk_reader reader_remote = {.copy = copy};
