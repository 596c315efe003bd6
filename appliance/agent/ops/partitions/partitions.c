/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Partition tables: making, adding, removing, listing.  Sizes are changed in
 * partition_sizes.c, fields of single partitions in partition_fields.c. */
#include <config.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "appliance/agent/call/call.h"
#include "appliance/agent/call/memory.h"
#include "appliance/agent/storage/activate.h"
#include "appliance/agent/storage/blocks.h"
#include "appliance/agent/storage/device.h"
#include "appliance/agent/storage/names.h"
#include "appliance/agent/storage/probe.h"
#include "appliance/agent/storage/table.h"
#include "base/strv.h"
#include "ops-partitions.h"

enum {
    MARGIN = 128,        /* sectors that part_disk leaves at both ends */
    DOS_EXTENDED = 0x0f, /* with LBA */
};

static const char *
label_name(const char *parttype)
{
    if (str_equal(parttype, "gpt") || str_equal(parttype, "efi"))
        return "gpt";
    if (str_equal(parttype, "mbr") || str_equal(parttype, "msdos"))
        return "dos";
    if (str_equal(parttype, "sun") || str_equal(parttype, "bsd"))
        return parttype;
    if (str_equal(parttype, "dvh"))
        return "sgi";
    return NULL;
}

/* Over an old table libfdisk would start at its own idea of the first usable
 * sector, 2048; this is how to give it another. */
static int
forget_first(struct table *t)
{
    struct fdisk_script *script = fdisk_new_script(t->context);
    int r =
        script ? fdisk_script_set_header(script, "first-lba", "34") : -ENOMEM;

    if (r == 0)
        r = fdisk_set_script(t->context, script);
    fdisk_unref_script(script);
    return r < 0 ? table_fail(t, r, "cannot make a partition table") : 0;
}

static struct table *
new_table(struct call *c, const char *device, const char *parttype)
{
    const char *label = label_name(parttype);

    if (!label) {
        call_error(c, EINVAL,
            "%s: unknown type of partition table, use gpt or mbr", parttype);
        return NULL;
    }
    struct table *t = table_open(c, device, true, TABLE_ANY);
    if (!t || table_check_unused(t, 0) < 0)
        return NULL;
    fdisk_enable_wipe(t->context, 1);
    if (fdisk_has_label(t->context) && forget_first(t) < 0)
        return NULL;
    int r = fdisk_create_disklabel(t->context, label);
    if (r < 0) {
        table_fail(t, r, "cannot make a partition table");
        return NULL;
    }
    t->gpt = str_equal(label, "gpt");
    t->dos = str_equal(label, "dos");
    table_exact(t);
    return t;
}

int
op_part_init(struct call *c, const struct api_part_init_args *args)
{
    struct table *t = new_table(c, args->device, args->parttype);

    return t ? table_write(t) : -1;
}

/* --- adding --- */

static int
check_free(struct table *t, const struct extent *wanted, bool logical)
{
    struct list extents = {0};
    bool inside = false;

    if (table_extents(t, &extents) < 0)
        return -1;
    const struct extent *e = extents.items;
    for (uint32_t i = 0; i < extents.n; i++) {
        if (wanted->end < e[i].start || wanted->start > e[i].end)
            continue;
        if (logical && e[i].extended && wanted->start > e[i].start &&
            wanted->end <= e[i].end)
            inside = true;
        else
            return call_error(t->call, EINVAL,
                "%s: the new partition would overlap partition %d", t->device,
                e[i].number);
    }
    if (logical && !inside)
        return call_error(t->call, EINVAL,
            "%s: a logical partition must lie within an extended one",
            t->device);
    return 0;
}

static int
add_partition(
    struct table *t, const struct extent *wanted, struct fdisk_parttype *type)
{
    struct fdisk_partition *p = fdisk_new_partition();

    if (!p)
        return call_error(t->call, ENOMEM, "no memory");
    fdisk_partition_set_start(p, wanted->start);
    fdisk_partition_set_size(p, wanted->end - wanted->start + 1);
    fdisk_partition_size_explicit(p, 1);
    fdisk_partition_partno_follow_default(p, 1);
    if (type)
        fdisk_partition_set_type(p, type);
    int r = fdisk_add_partition(t->context, p, NULL);
    fdisk_unref_partition(p);
    return r < 0 ? table_fail(t, r, "cannot add a partition") : 0;
}

enum kind { PRIMARY, LOGICAL, EXTENDED };

static int
parse_kind(struct call *c, const char *text, enum kind *ret)
{
    if (str_equal(text, "p") || str_equal(text, "primary"))
        *ret = PRIMARY;
    else if (str_equal(text, "l") || str_equal(text, "logical"))
        *ret = LOGICAL;
    else if (str_equal(text, "e") || str_equal(text, "extended"))
        *ret = EXTENDED;
    else
        return call_error(c, EINVAL,
            "%s: unknown kind of partition, use primary, logical or "
            "extended",
            text);
    return 0;
}

static int
check_bounds(struct table *t, const struct extent *wanted)
{
    if (wanted->end < wanted->start)
        return call_error(t->call, EINVAL,
            "%s: the partition would end before its start", t->device);
    if (t->gpt && (wanted->start < fdisk_get_first_lba(t->context) ||
                      wanted->end > fdisk_get_last_lba(t->context)))
        return call_error(t->call, EINVAL,
            "%s: a partition can cover the sectors %llu to %llu", t->device,
            (unsigned long long)fdisk_get_first_lba(t->context),
            (unsigned long long)fdisk_get_last_lba(t->context));
    return 0;
}

static int
add_checked(struct table *t, const struct extent *wanted, enum kind kind)
{
    struct fdisk_parttype *type = NULL;

    /* Only an MBR has the other kinds. */
    if (!t->dos)
        kind = PRIMARY;
    if (check_bounds(t, wanted) < 0 ||
        check_free(t, wanted, kind == LOGICAL) < 0)
        return -1;
    if (kind == EXTENDED)
        type = fdisk_label_get_parttype_from_code(
            fdisk_get_label(t->context, NULL), DOS_EXTENDED);
    return add_partition(t, wanted, type);
}

int
op_part_add(struct call *c, const struct api_part_add_args *args)
{
    struct extent wanted = {0};
    enum kind kind = PRIMARY;

    if (parse_kind(c, args->prlogex, &kind) < 0)
        return -1;
    struct table *t = table_open(c, args->device, true, TABLE_SOME);
    if (!t || table_sector(t, args->startsect, &wanted.start) < 0 ||
        table_sector(t, args->endsect, &wanted.end) < 0 ||
        add_checked(t, &wanted, kind) < 0)
        return -1;
    return table_write(t);
}

int
op_part_disk(struct call *c, const struct api_part_disk_args *args)
{
    struct table *t = new_table(c, args->device, args->parttype);

    if (!t)
        return -1;
    if (t->sectors < 3 * MARGIN)
        return call_error(
            c, ENOSPC, "%s: too small for a partition", t->device);
    struct extent whole = {.start = MARGIN, .end = t->sectors - MARGIN};
    if (add_checked(t, &whole, PRIMARY) < 0)
        return -1;
    return table_write(t);
}

/* A copy of the source's entry at another place.  Logical partitions are
 * numbered by their order. */
static int
add_copy(struct table *t, struct fdisk_partition *p,
    const struct extent *wanted, bool logical)
{
    size_t number = fdisk_partition_get_partno(p);

    fdisk_partition_set_start(p, wanted->start);
    fdisk_partition_set_size(p, wanted->end - wanted->start + 1);
    fdisk_partition_size_explicit(p, 1);
    if (logical) {
        fdisk_partition_unset_partno(p);
        fdisk_partition_partno_follow_default(p, 1);
    } else if (fdisk_is_partition_used(t->context, number)) {
        return call_error(t->call, EEXIST, "%s: there is a partition %zu",
            t->device, number + 1);
    }
    int r = fdisk_add_partition(t->context, p, NULL);
    return r < 0 ? table_fail(t, r, "cannot add the partition") : 0;
}

int
op_part_copy(struct call *c, const struct api_part_copy_args *args)
{
    struct extent wanted = {0};
    struct table *from = table_open(c, args->src, false, TABLE_SOME);
    struct table *to =
        from ? table_open(c, args->dest, true, TABLE_SOME) : NULL;

    if (!to || table_sector(to, args->startsect, &wanted.start) < 0 ||
        table_sector(to, args->endsect, &wanted.end) < 0)
        return -1;
    if (from->gpt != to->gpt || from->dos != to->dos)
        return call_error(c, EINVAL,
            "%s: its partition table is of another type than that of %s",
            args->dest, args->src);
    struct fdisk_partition *p = table_partition(from, args->partnum);
    if (!p)
        return -1;
    bool logical = from->dos && args->partnum > 4;
    int r =
        check_bounds(to, &wanted) < 0 || check_free(to, &wanted, logical) < 0
            ? -1
            : add_copy(to, p, &wanted, logical);
    fdisk_unref_partition(p);
    table_close(from);
    return r < 0 ? -1 : table_write(to);
}

int
op_part_del(struct call *c, const struct api_part_del_args *args)
{
    struct extent gone;
    struct list extents = {0};
    struct table *t = table_open(c, args->device, true, TABLE_SOME);

    if (!t || table_extent(t, args->partnum, &gone) < 0 ||
        table_extents(t, &extents) < 0)
        return -1;
    /* With it go, or change their numbers, logical ones. */
    const struct extent *e = extents.items;
    for (uint32_t i = 0; i < extents.n; i++)
        if ((e[i].number == gone.number ||
                (t->dos && e[i].number > 4 &&
                    (gone.extended || e[i].number > gone.number) &&
                    (gone.extended || gone.number > 4))) &&
            table_check_unused(t, e[i].number) < 0)
            return -1;
    int r = fdisk_delete_partition(t->context, (size_t)args->partnum - 1);
    if (r < 0)
        return table_fail(t, r, "cannot delete the partition");
    return table_write(t);
}

/* --- listing --- */

int
op_part_list(struct call *c, const struct api_part_list_args *args,
    struct api_part_list_ret *ret)
{
    struct list extents = {0}, list = {0};
    struct table *t = table_open(c, args->device, false, TABLE_ANY);
    struct probe p;

    if (!t)
        return -1;
    if (!fdisk_has_label(t->context)) {
        uint64_t size = t->sectors * t->sector_size;
        const char *device = t->device;

        /* As libparted has it: a file system without a table is the one
         * partition of a table called "loop". */
        table_close(t);
        if (probe_device(c, device, &p) < 0)
            return -1;
        if (!str_equal(p.usage, "filesystem"))
            return call_error(c, EINVAL,
                "%s: unrecognised disk label: it has no partition table",
                device);
        *list_add(c, &list, struct mayfly_partition) =
            (struct mayfly_partition){
                .part_num = 1, .part_end = size - 1, .part_size = size};
        ret->value = list.items;
        ret->n_value = list.n;
        return 0;
    }
    if (table_extents(t, &extents) < 0)
        return -1;
    const struct extent *e = extents.items;
    for (uint32_t i = 0; i < extents.n; i++)
        *list_add(c, &list, struct mayfly_partition) =
            (struct mayfly_partition){
                .part_num = e[i].number,
                .part_start = e[i].start * t->sector_size,
                .part_end = (e[i].end + 1) * t->sector_size - 1,
                .part_size = (e[i].end - e[i].start + 1) * t->sector_size,
            };
    table_close(t);
    ret->value = list.items;
    ret->n_value = list.n;
    return 0;
}

int
op_list_partitions(struct call *c, const struct api_list_partitions_args *args,
    struct api_list_partitions_ret *ret)
{
    struct list list = {0};

    (void)args;
    storage_activate(c);
    block_partitions(c, &list);
    ret->value = list.items;
    ret->n_value = list.n;
    return 0;
}

/* --- names --- */

static int
split_partition(
    struct call *c, const char *partition, char **ret_disk, int *ret_number)
{
    const char *device = device_check(c, partition);
    char *name = device ? block_kernel_name(c, device) : NULL;

    if (!name)
        return -1;
    if (!block_partition_of(c, name, ret_disk, ret_number))
        return call_error(
            c, EINVAL, "%s: device name is not a partition", partition);
    return 0;
}

int
op_part_to_dev(struct call *c, const struct api_part_to_dev_args *args,
    struct api_part_to_dev_ret *ret)
{
    char *disk;
    int number;

    if (split_partition(c, args->partition, &disk, &number) < 0)
        return -1;
    ret->value = device_name(c, disk);
    return 0;
}

int
op_part_to_partnum(struct call *c, const struct api_part_to_partnum_args *args,
    struct api_part_to_partnum_ret *ret)
{
    char *disk;

    return split_partition(c, args->partition, &disk, &ret->value);
}
