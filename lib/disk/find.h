/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The names of a handle's disks. */
#pragma once
#include "lib/handle/handle.h"

enum { DISK_NAME_MAX = 16 };

/* Target 0 is /dev/sda, 26 is /dev/sdaa. */
void disk_target_name(size_t target, char name[DISK_NAME_MAX]);

/* The disk with that label or device name, and its target; NULL: none. */
struct disk *disk_find(
    const struct mayfly *g, const char *label, size_t *ret_target);
