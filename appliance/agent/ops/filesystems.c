/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finding file systems, making and checking them.  Their names and sizes are
 * in labels.c. */
#include <config.h>

#include <blkid/blkid.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "appliance/agent/call/call.h"
#include "appliance/agent/call/memory.h"
#include "appliance/agent/program/arguments.h"
#include "appliance/agent/program/run.h"
#include "appliance/agent/storage/device.h"
#include "appliance/agent/storage/filesystems.h"
#include "appliance/agent/storage/grow.h"
#include "appliance/agent/storage/shrink.h"
#include "appliance/agent/storage/probe.h"
#include "base/cleanup.h"
#include "base/strv.h"
#include "ops-filesystems.h"

int
op_list_filesystems(struct call *c,
    const struct api_list_filesystems_args *args,
    struct api_list_filesystems_ret *ret)
{
    struct list found = {0}, list = {0};

    (void)args;
    if (filesystems_find(c, &found) < 0)
        return -1;
    struct found_filesystem *f = found.items;
    for (uint32_t i = 0; i < found.n; i++) {
        list_add_string(c, &list, f[i].mountable);
        list_add_string(c, &list, f[i].type);
    }
    ret->value = list.items;
    ret->n_value = list.n / 2;
    return 0;
}

static int
probe_mountable(struct call *c, const char *mountable, struct probe *ret)
{
    const char *device, *subvolume;

    if (mountable_split(c, mountable, &device, &subvolume) < 0)
        return -1;
    return probe_device(c, device, ret);
}

int
op_vfs_type(struct call *c, const struct api_vfs_type_args *args,
    struct api_vfs_type_ret *ret)
{
    struct probe p;

    if (probe_mountable(c, args->mountable, &p) < 0)
        return -1;
    ret->value = p.type;
    return 0;
}

int
op_vfs_label(struct call *c, const struct api_vfs_label_args *args,
    struct api_vfs_label_ret *ret)
{
    struct probe p;

    if (probe_mountable(c, args->mountable, &p) < 0)
        return -1;
    ret->value = p.label;
    return 0;
}

int
op_vfs_uuid(struct call *c, const struct api_vfs_uuid_args *args,
    struct api_vfs_uuid_ret *ret)
{
    struct probe p;

    if (probe_mountable(c, args->mountable, &p) < 0)
        return -1;
    ret->value = p.uuid;
    return 0;
}

int
op_blkid(struct call *c, const struct api_blkid_args *args,
    struct api_blkid_ret *ret)
{
    struct list list = {0};
    const char *device = device_check(c, args->device);

    if (!device)
        return -1;
    list_add_string(c, &list, "DEVNAME");
    list_add_string(c, &list, device);
    if (probe_all(c, device, &list) < 0)
        return -1;
    ret->value = list.items;
    ret->n_value = list.n / 2;
    return 0;
}

int
op_findfs_label(struct call *c, const struct api_findfs_label_args *args,
    struct api_findfs_label_ret *ret)
{
    ret->value = device_find(c, "LABEL", args->label);
    return ret->value ? 0 : -1;
}

int
op_findfs_uuid(struct call *c, const struct api_findfs_uuid_args *args,
    struct api_findfs_uuid_ret *ret)
{
    ret->value = device_find(c, "UUID", args->uuid);
    return ret->value ? 0 : -1;
}

int
op_findfs_partlabel(struct call *c,
    const struct api_findfs_partlabel_args *args,
    struct api_findfs_partlabel_ret *ret)
{
    ret->value = device_find(c, "PART_ENTRY_NAME", args->label);
    return ret->value ? 0 : -1;
}

int
op_findfs_partuuid(struct call *c, const struct api_findfs_partuuid_args *args,
    struct api_findfs_partuuid_ret *ret)
{
    ret->value = device_find(c, "PART_ENTRY_UUID", args->uuid);
    return ret->value ? 0 : -1;
}

/* --- making --- */

/* Options that make each mkfs not ask, and its option for a label. */
struct maker {
    const char *type;
    const char *quiet[3];
    const char *label;
};

static const struct maker makers[] = {
    {"ext2", {"-F", "-q"}, "-L"},
    {"ext3", {"-F", "-q"}, "-L"},
    {"ext4", {"-F", "-q"}, "-L"},
    {"xfs", {"-f", "-q"}, "-L"},
    {"btrfs", {"-f", "-q"}, "-L"},
    {"f2fs", {"-f", "-q"}, "-l"},
    {"ntfs", {"-F", "-Q", "-q"}, "-L"},
    {"fat", {"-I"}, "-n"},
    {"vfat", {"-I"}, "-n"},
    {"msdos", {"-I"}, "-n"},
    {"swap", {"-f"}, "-L"},
};

static const struct maker *
find_maker(const char *type)
{
    static const struct maker unknown = {.label = "-L"};

    for (size_t i = 0; i < N_ELEMENTS(makers); i++)
        if (str_equal(type, makers[i].type))
            return &makers[i];
    return &unknown;
}

static int
add_blocksize(struct call *c, struct list *argv, const char *type, int32_t size)
{
    bool fat = strstr(type, "fat") || str_equal(type, "msdos");

    if (size & (size - 1))
        return call_error(
            c, EINVAL, "%d: a block size must be a power of 2", size);
    if (fat && (size < 512 || size / 512 > 128))
        return call_error(
            c, EINVAL, "%d: a cluster of FAT has 512 to 65536 bytes", size);
    if (str_equal(type, "xfs"))
        add_option(c, argv, "-b", call_printf(c, "size=%d", size));
    else
        add_number(c, argv,
            fat                        ? "-s"
            : str_equal(type, "ntfs")  ? "-c"
            : str_equal(type, "btrfs") ? "-s"
                                       : "-b",
            true, fat ? size / 512 : size);
    return 0;
}

static int
make_filesystem(struct call *c, const struct api_mkfs_args *args)
{
    struct list argv = {0};
    const char *type = args->fstype;
    const struct maker *maker = find_maker(type);
    const char *device = device_check(c, args->device);

    if (!device)
        return -1;
    const char *tool =
        str_equal(type, "swap") ? "mkswap" : call_printf(c, "mkfs.%s", type);
    if (strchr(type, '/') || !tool_exists(tool))
        return call_error(
            c, ENOTSUP, "mkfs: %s: the appliance cannot make this type", type);
    list_add_string(c, &argv, tool);
    for (size_t i = 0; i < N_ELEMENTS(maker->quiet) && maker->quiet[i]; i++)
        list_add_string(c, &argv, maker->quiet[i]);
    if (args->has_blocksize &&
        add_blocksize(c, &argv, type, args->blocksize) < 0)
        return -1;
    add_option(c, &argv, "-O", args->features);
    add_number(c, &argv, "-I", args->has_inode, args->inode);
    add_number(c, &argv, "-S", args->has_sectorsize, args->sectorsize);
    add_option(c, &argv, maker->label, args->label);
    list_add_string(c, &argv, device);
    return run_tool_argv(c, NULL, argv.items);
}

int
op_mkfs(struct call *c, const struct api_mkfs_args *args)
{
    return make_filesystem(c, args);
}

int
op_mkfs_b(struct call *c, const struct api_mkfs_b_args *args)
{
    const struct api_mkfs_args with = {
        .fstype = args->fstype,
        .device = args->device,
        .has_blocksize = true,
        .blocksize = args->blocksize,
    };

    return make_filesystem(c, &with);
}

/* --- checking, erasing --- */

int
op_fsck(
    struct call *c, const struct api_fsck_args *args, struct api_fsck_ret *ret)
{
    struct run_result result;
    const char *device = device_check(c, args->device);

    if (!device)
        return -1;
    const char *argv[] = {
        call_printf(c, "fsck.%s", args->fstype), "-a", device, NULL};
    if (strchr(args->fstype, '/') || !tool_exists(argv[0]))
        return call_error(c, ENOTSUP,
            "fsck: %s: the appliance cannot check this type", args->fstype);
    struct run run = {.argv = argv};
    if (run_command(c, &run, &result) < 0)
        return -1;
    ret->value = result.status;
    return 0;
}

int
op_wipefs(struct call *c, const struct api_wipefs_args *args)
{
    const char *device = device_check(c, args->device);

    return device ? run_tool(c, NULL, "wipefs", "-a", "--force", device, NULL)
                  : -1;
}

int
op_f2fs_expand(struct call *c, const struct api_f2fs_expand_args *args)
{
    const char *device = device_check(c, args->device);

    return device ? run_tool(c, NULL, "resize.f2fs", device, NULL) : -1;
}

int
op_filesystem_grow(struct call *c, const struct api_filesystem_grow_args *args,
    struct api_filesystem_grow_ret *ret)
{
    const char *device = device_check(c, args->device);

    return device ? storage_grow(c, device, &ret->value) : -1;
}

int
op_filesystem_shrink(struct call *c,
    const struct api_filesystem_shrink_args *args,
    struct api_filesystem_shrink_ret *ret)
{
    const char *device = device_check(c, args->device);

    return device ? storage_shrink(c, device, args->size, &ret->value) : -1;
}
