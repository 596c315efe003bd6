/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Block devices: their names and what the kernel says of them.  What writes
 * to their bytes is in zero.c. */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "appliance/agent/call/call.h"
#include "appliance/agent/call/memory.h"
#include "appliance/agent/storage/blocks.h"
#include "appliance/agent/storage/device.h"
#include "appliance/agent/storage/labels.h"
#include "appliance/agent/storage/names.h"
#include "base/cleanup.h"
#include "base/strv.h"
#include "ops-devices.h"

/* --- names --- */

int
op_list_devices(struct call *c, const struct api_list_devices_args *args,
    struct api_list_devices_ret *ret)
{
    struct list list = {0};

    (void)args;
    block_disks(c, &list);
    ret->value = list.items;
    ret->n_value = list.n;
    return 0;
}

int
op_nr_devices(struct call *c, const struct api_nr_devices_args *args,
    struct api_nr_devices_ret *ret)
{
    struct list list = {0};

    (void)args;
    block_disks(c, &list);
    ret->value = (int32_t)list.n;
    return 0;
}

int
op_device_index(struct call *c, const struct api_device_index_args *args,
    struct api_device_index_ret *ret)
{
    struct list list = {0};
    const char *device = device_check(c, args->device);

    if (!device)
        return -1;
    block_disks(c, &list);
    char **v = list.items;
    for (uint32_t i = 0; i < list.n; i++)
        if (str_equal(v[i], device)) {
            ret->value = (int32_t)i;
            return 0;
        }
    return call_error(
        c, ENODEV, "%s: device not found in the list", args->device);
}

int
op_device_name(struct call *c, const struct api_device_name_args *args,
    struct api_device_name_ret *ret)
{
    struct list list = {0};

    block_disks(c, &list);
    if ((uint32_t)args->index >= list.n)
        return call_error(c, EINVAL, "%d: index out of range", args->index);
    ret->value = ((char **)list.items)[args->index];
    return 0;
}

int
op_canonical_device_name(struct call *c,
    const struct api_canonical_device_name_args *args,
    struct api_canonical_device_name_ret *ret)
{
    static const char *const others[] = {"/dev/hd", "/dev/vd"};
    const char *rest;

    ret->value = args->device;
    for (size_t i = 0; i < N_ELEMENTS(others); i++)
        if ((rest = str_after(args->device, others[i]))) {
            ret->value = call_printf(c, "/dev/sd%s", rest);
            return 0;
        }
    if (!str_after(args->device, "/dev/mapper/") &&
        !str_after(args->device, "/dev/dm-"))
        return 0;
    char *name = block_kernel_name(c, args->device);
    if (name)
        ret->value = device_name(c, name);
    else
        call_forgive(c);
    return 0;
}

int
op_is_whole_device(struct call *c, const struct api_is_whole_device_args *args,
    struct api_is_whole_device_ret *ret)
{
    const char *device = device_check(c, args->device);
    char *name = device ? block_kernel_name(c, device) : NULL;

    if (!name)
        return -1;
    /* Only what is backed by a driver's device. */
    ret->value =
        access(call_printf(c, "/sys/block/%s/device", name), F_OK) == 0;
    return 0;
}

int
op_list_disk_labels(struct call *c,
    const struct api_list_disk_labels_args *args,
    struct api_list_disk_labels_ret *ret)
{
    struct list list = {0};

    (void)args;
    label_pairs(c, &list);
    ret->value = list.items;
    ret->n_value = list.n / 2;
    return 0;
}

int
op_list_dm_devices(struct call *c, const struct api_list_dm_devices_args *args,
    struct api_list_dm_devices_ret *ret)
{
    struct list list = {0};

    (void)args;
    block_mapped(c, false, &list);
    ret->value = list.items;
    ret->n_value = list.n;
    return 0;
}

/* --- the kernel's questions and settings --- */

/* One ioctl on the device; WHAT names it in the error. */
static int
device_ioctl(struct call *c, const char *device, unsigned long request,
    void *value, const char *what)
{
    const char *path = device_check(c, device);

    if (!path)
        return -1;
    cleanup_close int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return call_fail(c, errno, "%s", device);
    if (ioctl(fd, request, value) < 0)
        return call_fail(c, errno, "%s: %s", device, what);
    return 0;
}

int
op_blockdev_getsize64(struct call *c,
    const struct api_blockdev_getsize64_args *args,
    struct api_blockdev_getsize64_ret *ret)
{
    uint64_t size;

    if (device_ioctl(c, args->device, BLKGETSIZE64, &size, "size") < 0)
        return -1;
    ret->value = (int64_t)size;
    return 0;
}

int
op_blockdev_getsz(struct call *c, const struct api_blockdev_getsz_args *args,
    struct api_blockdev_getsz_ret *ret)
{
    uint64_t size;

    if (device_ioctl(c, args->device, BLKGETSIZE64, &size, "size") < 0)
        return -1;
    ret->value = (int64_t)(size / 512);
    return 0;
}

int
op_blockdev_getss(struct call *c, const struct api_blockdev_getss_args *args,
    struct api_blockdev_getss_ret *ret)
{
    int size;

    if (device_ioctl(c, args->device, BLKSSZGET, &size, "sector size") < 0)
        return -1;
    ret->value = size;
    return 0;
}

int
op_blockdev_getbsz(struct call *c, const struct api_blockdev_getbsz_args *args,
    struct api_blockdev_getbsz_ret *ret)
{
    int size;

    if (device_ioctl(c, args->device, BLKBSZGET, &size, "block size") < 0)
        return -1;
    ret->value = size;
    return 0;
}

int
op_blockdev_getro(struct call *c, const struct api_blockdev_getro_args *args,
    struct api_blockdev_getro_ret *ret)
{
    int ro;

    if (device_ioctl(c, args->device, BLKROGET, &ro, "read-only flag") < 0)
        return -1;
    ret->value = ro != 0;
    return 0;
}

int
op_blockdev_setro(struct call *c, const struct api_blockdev_setro_args *args)
{
    int ro = 1;

    return device_ioctl(c, args->device, BLKROSET, &ro, "set read-only");
}

int
op_blockdev_setrw(struct call *c, const struct api_blockdev_setrw_args *args)
{
    int ro = 0;

    return device_ioctl(c, args->device, BLKROSET, &ro, "set writable");
}

int
op_blockdev_setra(struct call *c, const struct api_blockdev_setra_args *args)
{
    return device_ioctl(c, args->device, BLKRASET,
        (void *)(uintptr_t)args->sectors, "set read-ahead");
}

int
op_blockdev_flushbufs(
    struct call *c, const struct api_blockdev_flushbufs_args *args)
{
    return device_ioctl(c, args->device, BLKFLSBUF, NULL, "flush");
}

int
op_blockdev_rereadpt(
    struct call *c, const struct api_blockdev_rereadpt_args *args)
{
    if (device_ioctl(c, args->device, BLKRRPART, NULL, "read partition table") <
        0)
        return -1;
    device_settle(c);
    return 0;
}

int
op_blkdiscardzeroes(struct call *c,
    const struct api_blkdiscardzeroes_args *args,
    struct api_blkdiscardzeroes_ret *ret)
{
    unsigned zeroes;

    if (device_ioctl(c, args->device, BLKDISCARDZEROES, &zeroes,
            "does a discard zero?") < 0)
        return -1;
    ret->value = zeroes != 0;
    return 0;
}
