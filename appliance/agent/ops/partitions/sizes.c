/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Moving the ends of partitions. */
#include <config.h>

#include "appliance/agent/call/memory.h"
#include "appliance/agent/storage/table.h"
#include "ops-partitions.h"

enum { EBR_GAP = 2048 }; /* sectors kept before a logical partition */

int
op_part_resize(struct call *c, const struct api_part_resize_args *args)
{
    struct extent e;
    uint64_t end;
    struct table *t = table_open(c, args->device, true, TABLE_SOME);

    if (!t || table_extent(t, args->partnum, &e) < 0 ||
        table_sector(t, args->endsect, &end) < 0 ||
        table_set_end(t, args->partnum, end) < 0)
        return -1;
    return table_write(t);
}

int
op_part_expand_gpt(struct call *c, const struct api_part_expand_gpt_args *args)
{
    /* libfdisk notices the wrong place and puts the backup right. */
    struct table *t = table_open(c, args->device, true, TABLE_GPT);

    return t ? table_write(t) : -1;
}

static uint64_t
last_sector(const struct table *t)
{
    if (t->gpt)
        return fdisk_get_last_lba(t->context);
    return t->dos && t->sectors > UINT32_MAX ? UINT32_MAX - 1 : t->sectors - 1;
}

/* The last sector that E could reach.  A logical one is limited by the next
 * one's own table entry, which lies somewhere in the gap between them. */
static uint64_t
reachable_end(const struct table *t, const struct list *extents,
    const struct extent *own, uint64_t limit)
{
    const struct extent *e = extents->items;
    bool logical = t->dos && own->number > 4;

    for (uint32_t i = 0; i < extents->n; i++) {
        if (e[i].start <= own->end || e[i].start > limit)
            continue;
        if (!logical && t->dos && e[i].number > 4)
            continue;
        uint64_t gap = logical ? EBR_GAP : 0;
        limit =
            e[i].start > own->end + 1 + gap ? e[i].start - 1 - gap : own->end;
    }
    return limit > own->end ? limit : own->end;
}

static const struct extent *
container_of_logical(
    const struct table *t, const struct list *extents, const struct extent *own)
{
    const struct extent *e = extents->items;

    if (!t->dos || own->number <= 4)
        return NULL;
    for (uint32_t i = 0; i < extents->n; i++)
        if (e[i].extended && e[i].start <= own->start && e[i].end >= own->start)
            return &e[i];
    return NULL;
}

int
op_part_grow(struct call *c, const struct api_part_grow_args *args,
    struct api_part_grow_ret *ret)
{
    struct extent own;
    struct list extents = {0};
    struct table *t = table_open(c, args->device, true, TABLE_SOME);

    if (!t || table_extent(t, args->partnum, &own) < 0 ||
        table_extents(t, &extents) < 0)
        return -1;
    uint64_t limit = last_sector(t);
    const struct extent *container = container_of_logical(t, &extents, &own);
    if (container) {
        uint64_t end = reachable_end(t, &extents, container, limit);
        /* Only if the partition can use it. */
        limit = reachable_end(t, &extents, &own, end);
        if (limit > container->end &&
            table_set_end(t, container->number, end) < 0)
            return -1;
    } else {
        limit = reachable_end(t, &extents, &own, limit);
    }
    bool grows = limit > own.end;
    if (grows && table_set_end(t, args->partnum, limit) < 0)
        return -1;
    ret->value = (int64_t)((limit - own.start + 1) * t->sector_size);
    if (grows)
        return table_write(t);
    table_close(t);
    return 0;
}
