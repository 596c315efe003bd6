/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What libblkid finds. */
#pragma once
#include <stdint.h>

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

/* What the table of a disk says of each of its partitions.  Nothing if it
 * cannot be read. */
struct partition {
    int number;
    const char *type; /* "0x83", or a GUID in small letters */
    const char *uuid, *name;
    uint64_t flags;
};
void probe_partitions(struct call *c, const char *disk, struct list *ret);
