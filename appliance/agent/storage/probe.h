/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What libblkid finds. */
#pragma once
struct call;
struct list;

/* "" where there is none. */
struct probe {
    const char *type;  /* "ext4", "LVM2_member", "crypto_LUKS" */
    const char *usage; /* "filesystem", "raid", "crypto", "other" */
    const char *label, *uuid;
};
int probe_device(struct call *c, const char *device, struct probe *ret);

/* The same, quicker, for callers that only read: does not notice if the remains
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
