/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The boot loader for disks without one: GRUB 2 for BIOS, made when Mayfly is
 * built (loader.sh).  It finds its configuration in the guest by itself. */
#pragma once
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* Write it into the first SIZE bytes of a disk, before the first partition: the
 * boot sector and, after it, the rest, which ends at *ret_end.  The partition
 * table in the boot sector stays. */
int loader_write(
    uint8_t *head, size_t size, size_t *ret_end, struct error *err);
