/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The boot loader for disks that have none: GRUB 2 for the BIOS, made when
 * Mayfly was built (loader.sh), which finds a configuration in the guest by
 * itself. */
#pragma once
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* Put it into the first SIZE bytes of a disk, in front of the first
 * partition: the boot sector and, behind it, the rest, which ends at
 * *ret_end.  The table in the boot sector stays. */
int loader_write(
    uint8_t *head, size_t size, size_t *ret_end, struct error *err);
