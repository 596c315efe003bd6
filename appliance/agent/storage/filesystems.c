/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finding every file system. */
#include <config.h>

#include "appliance/agent/storage/filesystems.h"

#include <string.h>

#include "appliance/agent/call/call.h"
#include "appliance/agent/call/memory.h"
#include "appliance/agent/storage/activate.h"
#include "appliance/agent/storage/blocks.h"
#include "appliance/agent/storage/mounts.h"
#include "appliance/agent/storage/names.h"
#include "appliance/agent/storage/probe.h"
#include "appliance/agent/storage/subvolumes.h"
#include "base/cleanup.h"
#include "base/strv.h"

/* The subvolumes of an unmounted or mounted btrfs, "PATH" each, without the
 * one that is mounted by default. */
static int
add_subvolumes(struct call *c, const char *device, struct list *ret)
{
    struct list all = {0};
    uint64_t standard;

    const char *target = mount_private(c, device, "btrfs", "ro");
    if (!target)
        return -1;
    int r = btrfs_subvolumes(c, target, &all);
    if (r == 0)
        r = btrfs_default_subvolume(c, target, &standard);
    mount_release(c, target);
    if (r < 0)
        return -1;
    struct subvolume *s = all.items;
    for (uint32_t i = 0; i < all.n; i++) {
        if (s[i].id == standard)
            continue;
        *list_add(c, ret, struct found_filesystem) = (struct found_filesystem){
            .mountable = call_printf(c, "btrfsvol:%s/%s", device, s[i].path),
            .type = call_strdup(c, "btrfs"),
        };
    }
    return 0;
}

static void
add_device(struct call *c, const char *device, struct list *ret)
{
    struct probe p;

    if (probe_device(c, device, &p) < 0) {
        /* A disk without a medium, a volume without its other half. */
        call_forgive(c);
        p.type = "";
    }
    size_t n = strlen(p.type), suffix = strlen("_member");
    if ((n > suffix && str_equal(p.type + n - suffix, "_member")) ||
        str_after(p.type, "crypto_") || str_equal(p.type, "BitLocker"))
        return;
    *list_add(c, ret, struct found_filesystem) = (struct found_filesystem){
        .mountable = call_strdup(c, device),
        .type = call_strdup(c, *p.type ? p.type : "unknown"),
    };
    if (str_equal(p.type, "btrfs") && add_subvolumes(c, device, ret) < 0)
        call_forgive(c);
}

/* Types of partitions that hold something, but never a file system. */
static bool
holds_none(const char *type)
{
    static const char *const types[] = {
        "0x5", "0xf", "0x85",                   /* extended */
        "0x42",                                 /* Windows dynamic disk */
        "5808c8aa-7e8f-42e0-85d2-e1e90434cfb3", /* its metadata */
        "af9b60a0-1431-4f62-bc68-3311714a69ad", /* its data */
        "e3c9e316-0b5c-4db8-817d-f92df00215ae", /* Microsoft reserved */
    };

    for (size_t i = 0; i < N_ELEMENTS(types); i++)
        if (str_equal(type, types[i]))
            return true;
    return false;
}

/* The table of each disk is read once; its partitions stand together. */
static void
add_partitions(struct call *c, const struct list *partitions, struct list *ret)
{
    char **v = partitions->items;
    struct list types = {0};
    const char *types_of = "";

    for (uint32_t i = 0; i < partitions->n; i++) {
        char *disk = NULL;
        int number = 0;
        bool none = false;

        if (!block_partition_of(c, v[i] + strlen("/dev/"), &disk, &number))
            continue;
        if (!str_equal(disk, types_of)) {
            types = (struct list){0};
            types_of = disk;
            probe_partitions(c, device_name(c, disk), &types);
        }
        const struct partition *t = types.items;
        for (uint32_t j = 0; j < types.n; j++)
            none |= t[j].number == number && holds_none(t[j].type);
        if (!none)
            add_device(c, v[i], ret);
    }
}

static void
add_whole(struct call *c, const struct list *devices, struct list *ret)
{
    char **v = devices->items;

    for (uint32_t i = 0; i < devices->n; i++)
        if (!block_has_partitions(c, v[i] + strlen("/dev/")))
            add_device(c, v[i], ret);
}

int
filesystems_find(struct call *c, struct list *ret)
{
    struct list disks = {0}, partitions = {0}, arrays = {0}, volumes = {0};
    char **v;

    storage_activate(c);
    block_disks(c, &disks);
    add_whole(c, &disks, ret);
    block_partitions(c, &partitions);
    add_partitions(c, &partitions, ret);
    block_arrays(c, &arrays);
    add_whole(c, &arrays, ret);
    block_mapped(c, true, &volumes);
    block_mapped(c, false, &volumes);
    v = volumes.items;
    for (uint32_t i = 0; i < volumes.n; i++)
        add_device(c, v[i], ret);
    return 0;
}
