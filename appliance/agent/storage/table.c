/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One partition table, opened by libfdisk: read into memory, checked, changed
 * there, and written back whole. */
#include <config.h>

#include "appliance/agent/storage/table.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "appliance/agent/call/call.h"
#include "appliance/agent/call/memory.h"
#include "appliance/agent/storage/blocks.h"
#include "appliance/agent/storage/device.h"
#include "appliance/agent/storage/table_head.h"
#include "base/cleanup.h"

static void
close_deferred(void *opaque)
{
    struct table *t = opaque;

    if (t->context) {
        fdisk_deassign_device(t->context, 1);
        fdisk_unref_context(t->context);
    }
    t->context = NULL;
}

void
table_close(struct table *t)
{
    close_deferred(t);
}

/* libfdisk talks to a user; we keep its warnings and answer nothing. */
static int
take_question(
    struct fdisk_context *context, struct fdisk_ask *ask, void *opaque)
{
    struct table *t = opaque;
    const char *text;

    (void)context;
    switch (fdisk_ask_get_type(ask)) {
    case FDISK_ASKTYPE_WARN:
    case FDISK_ASKTYPE_WARNX:
        text = fdisk_ask_print_get_mesg(ask);
        if (text)
            t->warnings = call_printf(t->call, "%s%s%s",
                t->warnings ? t->warnings : "", t->warnings ? "; " : "", text);
        return 0;
    case FDISK_ASKTYPE_INFO:
        return 0;
    default:
        return -EINVAL;
    }
}

int
table_fail(struct table *t, int code, const char *what)
{
    code = code < 0 ? -code : EINVAL;
    if (t->warnings)
        return call_error(
            t->call, code, "%s: %s: %s", t->device, what, t->warnings);
    return call_fail(t->call, code, "%s: %s", t->device, what);
}

static int
check_label(struct table *t, enum table_need need)
{
    bool some = fdisk_has_label(t->context);

    t->gpt = some && fdisk_is_label(t->context, GPT);
    t->dos = some && fdisk_is_label(t->context, DOS);
    if (need != TABLE_ANY && !some)
        return call_error(t->call, EINVAL,
            "%s: unrecognised disk label: it has no partition table",
            t->device);
    if (need == TABLE_GPT && !t->gpt)
        return call_error(t->call, EINVAL,
            "%s: only a GUID Partition Table (GPT) has this", t->device);
    if (need == TABLE_DOS && !t->dos)
        return call_error(
            t->call, EINVAL, "%s: only an MBR has this", t->device);
    return 0;
}

void
table_exact(struct table *t)
{
    enum { GPT_ENTRIES = 128 * 128 };
    uint32_t entries = (GPT_ENTRIES + t->sector_size - 1) / t->sector_size;

    fdisk_set_first_lba(t->context, t->gpt ? 2 + entries : 1);
}

/* Asked before libfdisk claims the whole disk for itself. */
static void
find_busy(struct table *t)
{
    struct call *c = t->call;
    struct list partitions = {0};
    char *disk = block_kernel_name(c, t->device), *whole;
    int number;

    if (!disk) {
        call_forgive(c);
        return;
    }
    block_children(c, disk, &partitions);
    char **v = partitions.items;
    for (uint32_t i = 0; i < partitions.n; i++) {
        cleanup_close int fd = open(
            call_printf(c, "/dev/%s", v[i]), O_RDONLY | O_EXCL | O_CLOEXEC);

        if (fd < 0 && errno == EBUSY &&
            block_partition_of(c, v[i], &whole, &number))
            *list_add(c, &t->busy, int) = number;
    }
}

int
table_check_unused(struct table *t, int partnum)
{
    const int *busy = t->busy.items;

    for (uint32_t i = 0; i < t->busy.n; i++)
        if (partnum == 0 || busy[i] == partnum)
            return call_error(t->call, EBUSY,
                "%s: partition %d is in use (mounted, swap or a volume)",
                t->device, busy[i]);
    return 0;
}

struct table *
table_open(
    struct call *c, const char *device, bool writable, enum table_need need)
{
    struct table *t = call_alloc(c, sizeof *t);

    device = device_check(c, device);
    if (!device)
        return NULL;
    *t = (struct table){.call = c, .device = device};
    call_defer(c, close_deferred, t);
    if (writable)
        find_busy(t);
    t->context = fdisk_new_context();
    if (!t->context) {
        call_error(c, ENOMEM, "no memory for a partition table");
        return NULL;
    }
    fdisk_set_ask(t->context, take_question, t);
    fdisk_disable_dialogs(t->context, 1);
    if ((need != TABLE_ANY || !writable) && table_has_large_sectors(device))
        fdisk_save_user_sector_size(
            t->context, TABLE_LARGE_SECTOR, TABLE_LARGE_SECTOR);
    int r = fdisk_assign_device(t->context, device, !writable);
    if (r < 0) {
        call_fail(c, -r, "%s", device);
        return NULL;
    }
    t->warnings = NULL;
    t->sectors = fdisk_get_nsectors(t->context);
    t->sector_size = (uint32_t)fdisk_get_sector_size(t->context);
    if (check_label(t, need) < 0)
        return NULL;
    table_exact(t);
    return t;
}

/* --- reading --- */

struct fdisk_partition *
table_partition(struct table *t, int partnum)
{
    struct fdisk_partition *p = NULL;

    if (!fdisk_is_partition_used(t->context, (size_t)partnum - 1) ||
        fdisk_get_partition(t->context, (size_t)partnum - 1, &p) < 0) {
        call_error(t->call, ENOENT, "%s: there is no partition %d", t->device,
            partnum);
        return NULL;
    }
    return p;
}

static int
compare_extents(const void *a, const void *b)
{
    const struct extent *x = a, *y = b;

    if (x->start != y->start)
        return x->start < y->start ? -1 : 1;
    return (int)y->extended - (int)x->extended;
}

static struct extent
extent_of(struct fdisk_partition *p)
{
    return (struct extent){
        .number = (int)fdisk_partition_get_partno(p) + 1,
        .start = fdisk_partition_get_start(p),
        .end = fdisk_partition_get_end(p),
        .extended = fdisk_partition_is_container(p),
    };
}

int
table_extents(struct table *t, struct list *ret)
{
    size_t n = fdisk_get_npartitions(t->context);

    for (size_t i = 0; i < n; i++) {
        struct fdisk_partition *p = NULL;

        if (!fdisk_is_partition_used(t->context, i))
            continue;
        int r = fdisk_get_partition(t->context, i, &p);
        if (r < 0)
            return table_fail(t, r, "cannot read the partitions");
        struct extent e = extent_of(p);
        bool whole = fdisk_partition_is_wholedisk(p);
        fdisk_unref_partition(p);
        if (!whole)
            *list_add(t->call, ret, struct extent) = e;
    }
    if (ret->n > 1)
        qsort(ret->items, ret->n, sizeof(struct extent), compare_extents);
    return 0;
}

int
table_extent(struct table *t, int partnum, struct extent *ret)
{
    struct fdisk_partition *p = table_partition(t, partnum);

    if (!p)
        return -1;
    *ret = extent_of(p);
    fdisk_unref_partition(p);
    return 0;
}

int
table_write(struct table *t)
{
    struct list extents = {0};

    int r = fdisk_write_disklabel(t->context);
    if (r < 0)
        return table_fail(t, r, "cannot write the partition table");
    if (table_extents(t, &extents) < 0)
        return -1;
    table_close(t);
    return table_update_kernel(t, &extents);
}

/* --- changing --- */

int
table_sector(struct table *t, int64_t sector, uint64_t *ret)
{
    if (sector < 0)
        sector += (int64_t)t->sectors;
    if (sector <= 0 || (uint64_t)sector >= t->sectors)
        return call_error(t->call, EINVAL,
            "%s: the sector is not on the disk, which has %llu", t->device,
            (unsigned long long)t->sectors);
    *ret = (uint64_t)sector;
    return 0;
}

int
table_set_end(struct table *t, int partnum, uint64_t end)
{
    struct extent e;

    if (table_extent(t, partnum, &e) < 0)
        return -1;
    if (end < e.start)
        return call_error(t->call, EINVAL,
            "%s: partition %d would end before its start", t->device, partnum);
    struct fdisk_partition *p = fdisk_new_partition();
    if (!p)
        return call_error(t->call, ENOMEM, "no memory");
    fdisk_partition_set_start(p, e.start);
    fdisk_partition_set_size(p, end - e.start + 1);
    fdisk_partition_size_explicit(p, 1);
    int r = fdisk_set_partition(t->context, (size_t)partnum - 1, p);
    fdisk_unref_partition(p);
    return r < 0 ? table_fail(t, r, "cannot resize the partition") : 0;
}
