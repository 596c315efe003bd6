/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The devices that the caller names. */
#pragma once
struct call;

/* Check and canonicalise a device name given by the caller: /dev/vda ->
 * /dev/sda, /dev/disk/guestfs/LABEL -> the disk or partition, /dev/mapper/VG-LV
 * -> /dev/VG/LV stays as is; it must exist and be
 * a block device.  NULL (call failed) otherwise. */
const char *device_check(struct call *c, const char *device);

/* "DEVICE" or "btrfsvol:DEVICE/SUBVOLUME" -> parts (subvolume NULL). */
int mountable_split(struct call *c, const char *mountable,
    const char **ret_device, const char **ret_subvolume);

/* The first device for which NAME has VALUE; NULL (call failed) if none.
 * NAME is LABEL, UUID, PART_ENTRY_NAME or PART_ENTRY_UUID. */
const char *device_find(struct call *c, const char *name, const char *value);
