/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which disk does the machine boot from, and with which firmware?
 *
 * It is not always the first: controllers were listed in another order, or the
 * old firmware was told so.  No other disk gets a boot loader or comes first
 * in the boot order.  Answered once: a disk that gets a table is the same. */
#pragma once
#include "v2v/disks/disks.h"

/* Look at the disks of the system ROOT, in the appliance G; sets disks->boot
 * and, where the source does not say it, guest->uefi, each with a note. */
int boot_disk_find(struct mayfly *g, const struct mayfly_inspection_root *root,
    struct guest *guest, struct disks *disks, struct error *err);

/* Has it no partition table, where a BIOS needs one to boot from it? */
bool boot_disk_lacks_table(
    struct mayfly *g, const struct guest *guest, const struct disks *disks);
