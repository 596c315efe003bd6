/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Block devices and what is on them: shared by the families of calls about
 * storage and by inspection. */
#pragma once
#include "appliance/agent/agent.h"

/* --- blocks.c: the kernel's block devices; names sorted as people count,
 * sda9 before sda10 before sdaa1 --- */

/* The caller's disks: "/dev/sda". */
void block_disks(struct call *c, struct list *ret);
/* Partitions of disks and arrays: "/dev/sda1", "/dev/md127p1". */
void block_partitions(struct call *c, struct list *ret);
/* Arrays: "/dev/md127". */
void block_arrays(struct call *c, struct list *ret);
/* Logical volumes ("/dev/VG/LV"), or the other mapped devices. */
void block_mapped(struct call *c, bool volumes, struct list *ret);

/* The kernel's name ("sda1", "dm-0") of a block device; NULL (call failed)
 * if there is none. */
char *block_kernel_name(struct call *c, const char *device);

/* Its disk's kernel name and its number, if it is a partition. */
bool block_partition_of(
    struct call *c, const char *kernel_name, char **ret_disk, int *ret_number);
/* The kernel's names of the partitions of a disk, in no order. */
void block_children(struct call *c, const char *kernel_name, struct list *ret);

/* The kernel's names of the devices that use this one: mapped, arrays. */
void block_holders(struct call *c, const char *kernel_name, struct list *ret);

/* A small file below /sys/class/block/KERNEL_NAME/, without its newline;
 * "" if there is none. */
char *block_attribute(
    struct call *c, const char *kernel_name, const char *attribute);

/* --- probe.c: what libblkid finds --- */

/* "" where there is none. */
struct probe {
    const char *type;  /* "ext4", "LVM2_member", "crypto_LUKS" */
    const char *usage; /* "filesystem", "raid", "crypto", "other" */
    const char *label, *uuid;
};
int probe_device(struct call *c, const char *device, struct probe *ret);

/* The same, quicker, for whoever only reads: does not notice if the remains
 * of something unusual contradict. */
int probe_usual(struct call *c, const char *device, struct probe *ret);

/* Only what is a member of an array or of a volume group: "LVM2_member",
 * "linux_raid_member", "isw_raid_member" ...; "" for all else. */
int probe_member(struct call *c, const char *device, struct probe *ret);

/* Every value under its blkid name, also about partition and topology:
 * names and values alternate. */
int probe_all(struct call *c, const char *device, struct list *ret);

/* The type of a partition, "0x83" or a GUID in small letters; "" if DEVICE is
 * none. */
const char *probe_partition_type(struct call *c, const char *device);

/* The same for all partitions of a disk at once.  Nothing if it cannot be
 * read. */
struct partition_type {
    int number;
    const char *type;
};
void probe_partition_types(struct call *c, const char *disk, struct list *ret);

/* The first device for which NAME has VALUE; NULL (call failed) if none.
 * NAME is LABEL, UUID, PART_ENTRY_NAME or PART_ENTRY_UUID. */
const char *probe_find(struct call *c, const char *name, const char *value);

/* --- subvolumes.c: of a btrfs mounted on the folder TARGET --- */

struct subvolume {
    uint64_t id, parent;
    char *path; /* from the top of the file system */
};
int btrfs_subvolumes(struct call *c, const char *target, struct list *ret);
int btrfs_default_subvolume(struct call *c, const char *target, uint64_t *ret);

/* --- activate.c --- */

/* Assemble the arrays and activate the volume groups on disks that were not
 * seen before.  Costs nothing if no disk came since the last time.  Nothing
 * that is encrypted is touched. */
void storage_activate(struct call *c);

/* Whether there may be volumes at all: members were found, lvm has been run,
 * or lvm_expect was called because something was opened. */
bool lvm_expected(void);
void lvm_expect(void);

/* --- filesystems.c --- */

struct found_filesystem {
    char *mountable, *type;
};
/* What list_filesystems gives. */
int filesystems_find(struct call *c, struct list *ret);

/* --- mounts.c: mounting in the appliance --- */

struct mounted {
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

/* --- growing.c --- */

/* Grow what is on DEVICE to its size; *ret_type is what it is. */
int storage_grow(struct call *c, const char *device, const char **ret_type);
