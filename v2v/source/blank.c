/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A disk of the machine that has no file, since nothing was ever written to
 * it.  It is made, so that the disks after it keep their places. */
#include <config.h>

#include "v2v/copy/import_target.h"
#include "v2v/machine/guest.h"
#include "v2v/source/reader.h"

static int
copy(const struct guest_disk *disk, struct import *to, struct error *err)
{
    return import_begin(to, disk->size, err);
}

const struct disk_reader reader_blank = {.copy = copy};
