/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's view of a partition table.
 *
 * Theory of operation.  libfdisk writes the disk and does not care about the
 * kernel.  Afterwards what the kernel has is compared with what is on the
 * disk now, and single partitions are added, resized or removed (BLKPG),
 * which works while others, or even the resized one, are mounted. */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/blkpg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include "appliance/agent/call/call.h"
#include "appliance/agent/call/memory.h"
#include "appliance/agent/storage/blocks.h"
#include "appliance/agent/storage/names.h"
#include "appliance/agent/storage/table.h"
#include "base/cleanup.h"

/* "sda", 1 -> "sda1"; "md0", 1 -> "md0p1". */
static char *
kernel_partition(struct call *c, const char *disk, int number)
{
    bool digit = disk[strlen(disk) - 1] >= '0' && disk[strlen(disk) - 1] <= '9';

    return call_printf(c, "%s%s%d", disk, digit ? "p" : "", number);
}

static int
blkpg(int fd, int operation, int number, uint64_t start, uint64_t length)
{
    struct blkpg_partition p = {
        .pno = number,
        .start = (long long)start,
        .length = (long long)length,
    };
    struct blkpg_ioctl_arg arg = {
        .op = operation, .datalen = sizeof p, .data = &p};

    return ioctl(fd, BLKPG, &arg);
}

/* Bytes, as the kernel is to see the partition: of a container only its
 * first two sectors. */
static void
kernel_extent(const struct table *t, const struct extent *e,
    uint64_t *ret_start, uint64_t *ret_length)
{
    uint64_t sectors = e->end - e->start + 1;

    if (e->extended) {
        uint64_t few = t->sector_size < 1024 ? 1024 / t->sector_size : 1;
        sectors = sectors < few ? sectors : few;
    }
    *ret_start = e->start * t->sector_size;
    *ret_length = sectors * t->sector_size;
}

static uint64_t
attribute_bytes(struct call *c, const char *name, const char *attribute)
{
    return strtoull(block_attribute(c, name, attribute), NULL, 10) * 512;
}

/* Remove what is not in the table, or not at this place, any more. */
static int
remove_stale(
    struct table *t, int fd, const char *disk, const struct list *extents)
{
    struct list children = {0};
    const struct extent *e = extents->items;

    block_children(t->call, disk, &children);
    char **v = children.items;
    for (uint32_t i = 0; i < children.n; i++) {
        int number = atoi(block_attribute(t->call, v[i], "partition"));
        uint64_t start = attribute_bytes(t->call, v[i], "start");
        bool stays = false;

        for (uint32_t j = 0; j < extents->n; j++)
            stays |=
                e[j].number == number && e[j].start * t->sector_size == start;
        if (!stays && blkpg(fd, BLKPG_DEL_PARTITION, number, 0, 0) < 0)
            return call_fail(t->call, errno,
                "%s: the kernel keeps the old partition %d", t->device, number);
    }
    return 0;
}

static int
add_or_resize(struct table *t, int fd, const char *disk, const struct extent *e)
{
    char *name = kernel_partition(t->call, disk, e->number);
    uint64_t start, length;
    int r = 0;

    kernel_extent(t, e, &start, &length);
    if (!*block_attribute(t->call, name, "partition"))
        r = blkpg(fd, BLKPG_ADD_PARTITION, e->number, start, length);
    else if (attribute_bytes(t->call, name, "size") != length)
        r = blkpg(fd, BLKPG_RESIZE_PARTITION, e->number, start, length);
    if (r < 0)
        return call_fail(t->call, errno,
            "%s: the kernel does not take partition %d", t->device, e->number);
    return 0;
}

int
table_update_kernel(struct table *t, const struct list *extents)
{
    struct stat s;
    cleanup_close int fd = open(t->device, O_RDONLY | O_CLOEXEC);

    if (fd < 0 || fstat(fd, &s) < 0)
        return call_fail(t->call, errno, "%s", t->device);
    if (!S_ISBLK(s.st_mode))
        return 0;
    char *disk = block_kernel_name(t->call, t->device);
    if (!disk || remove_stale(t, fd, disk, extents) < 0)
        return -1;
    const struct extent *e = extents->items;
    for (uint32_t i = 0; i < extents->n; i++)
        if (add_or_resize(t, fd, disk, &e[i]) < 0)
            return -1;
    device_settle(t->call);
    return 0;
}
