/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Mounting in the appliance. */
#pragma once
struct call;
struct list;

struct mount_entry {
    char *source; /* canonical device */
    char *target; /* path in the appliance */
    char *type;
    char *options; /* of the superblock, "rw,subvol=/root" */
};
/* What is mounted on ROOT or below, in order of mounting; block devices
 * only. */
int mounts_read(struct call *c, const char *root, struct list *ret);

/* Mount DEVICE on the folder TARGET of the appliance.  TYPE NULL or "":
 * detected.  OPTIONS as for mount(8), may be "". */
int mount_device(struct call *c, const char *device, const char *subvolume,
    const char *target, const char *type, const char *options);

/* Where DEVICE is mounted (path in the appliance), or NULL; the call does not
 * fail.  WRITABLE: only if mounted for writing. */
const char *mount_point_of(struct call *c, const char *device);

/* Mount on a folder of our own for a moment: its path, to be given back to
 * mount_release, which unmounts and fails only if the call has not failed
 * yet.  NULL (call failed). */
const char *mount_private(
    struct call *c, const char *device, const char *type, const char *options);
int mount_release(struct call *c, const char *target);
