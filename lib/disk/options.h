/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The options of add_drive: text to value. */
#pragma once
#include <mayfly.h>

#include "lib/disk/disk.h"

/* IN may be NULL.  The strings of *out are those of IN. */
int disk_options_read(const struct mayfly_add_drive_options *in,
    struct disk_options *out, struct error *err);
