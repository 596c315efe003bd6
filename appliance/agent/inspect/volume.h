/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The block devices of a guest, opened as far as they can be. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "appliance/agent/call/call.h"
#include "appliance/agent/call/memory.h"

struct call;

/* In the order in which they are listed. */
enum volume_kind {
    VOLUME_DISK,
    VOLUME_MAPPED, /* device mapper, but not LVM's: mostly opened LUKS */
    VOLUME_PARTITION,
    VOLUME_ARRAY,
    VOLUME_LOGICAL,
};

/* Strings are "" where there is nothing. */
struct volume {
    enum volume_kind kind;
    char *device;      /* /dev/sda1, /dev/md0, /dev/VG/LV, /dev/mapper/X */
    char *kernel_name; /* sda1, md0, dm-0 */
    uint64_t size;
    uint64_t start;   /* of a partition, in sectors of 512 bytes */
    const char *type; /* what libblkid says: ext4, LVM2_member, ... */
    const char *label, *uuid;
    const char *mapped_name;             /* of a mapped device, without /dev */
    const char *mapped_uuid;             /* and its uuid: LVM-..., CRYPT-... */
    const char *array_uuid, *array_name; /* of an array */
    bool partitioned;
    bool locked;              /* encrypted, and no key fits */
    bool has_partition_names; /* the next four are filled in */
    const char *partition_uuid, *partition_name;
    const char *partition_type; /* NULL or "": unknown */
    uint64_t partition_flags;
    struct list subvolumes; /* of a btrfs: struct subvolume */
};

/* A name below /dev/disk that is known to mean a disk: "by-path/pci-0000:..."
 */
struct disk_link {
    const char *name, *disk;
};

struct bsd_label;

struct volumes {
    struct volume *items;
    uint32_t n;
    /* Read the disklabel in a disk or a partition; NULL in tests. */
    bool (*read_label)(const struct volume *v, struct bsd_label *ret);
    /* Fill in what its table says of partition V, and, if that costs nothing,
     * of others in ALL; NULL in tests. */
    void (*name_partition)(
        struct call *c, const struct volumes *all, struct volume *v);
    struct list links; /* struct disk_link */
};

/* Have those fields of V filled in that name_partition knows. */
void volume_name_partition(
    struct call *c, const struct volumes *all, struct volume *v);

/* The same number, with or without "-" and ":" in it, in any case? */
bool volume_same_hex(const char *a, const char *b);

/* The guest below ROOT calls DEVICE by SPEC: a name by the path or the number
 * of a disk and one of its partitions, from which follow those of the others.
 * What encryption opened is looked up in its crypttab. */
void volume_learn(struct call *c, struct volumes *v, int root, const char *spec,
    const char *device);

struct volume *volume_find(const struct volumes *v, const char *device);

/* The number of a partition of DISK, 0 if it is none. */
unsigned volume_number(const struct volume *disk, const struct volume *v);

/* The I-th disk, or NULL. */
struct volume *volume_disk(const struct volumes *v, uint32_t i);

/* The mapped device that is the opened V, or NULL. */
struct volume *volume_opened(const struct volumes *v, const struct volume *of);

/* Which device is meant by the way a guest writes it: UUID=..., /dev/xvda2,
 * /dev/disk/by-label/...?  NULL if it is no device or none that is here;
 * what looks like a device but is unknown comes back as it is.  ROOT is the
 * guest, for its crypttab and mdadm.conf. */
const char *volume_resolve(
    struct call *c, const struct volumes *v, int root, const char *spec);
