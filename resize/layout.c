/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Theory of operation: sizes are decided first, then one walk over the
 * partitions in the order of the disk gives each its place.  As long as nothing
 * has changed a partition stays where it is, gaps included; from the first
 * change on each follows the one before it, aligned.  How much one can grow, or
 * has to shrink, is what the walk ends with; since alignment makes that
 * inexact it is walked again with the corrected size, a few times at most. */
#include <config.h>

#include "resize/layout.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
    EBR_ROOM = 2,   /* at least, before a logical partition: its own table */
    EBR_GAP = 2048, /* where the next one's table may be */
    GPT_BYTES = 128 * 128,
    ROUNDS = 16,
};

void
layout_clear(struct layout *l)
{
    for (size_t i = 0; i < l->n; i++) {
        free(l->slots[i].device);
        free(l->slots[i].type);
    }
    free(l->slots);
    l->slots = NULL;
    l->n = 0;
}

/* The table and its backup are before the first and after the last one. */
static uint64_t
table_sectors(const struct layout *l)
{
    return 1 + (GPT_BYTES + l->sector_size - 1) / l->sector_size;
}

static uint64_t
first_usable(const struct layout *l)
{
    return l->table == LAYOUT_GPT ? 1 + table_sectors(l) : 1;
}

static int
last_usable(const struct layout *l, uint64_t *ret, struct error *err)
{
    uint64_t after = l->table == LAYOUT_GPT ? table_sectors(l) : 0;

    if (l->new_sectors <= first_usable(l) + after)
        return error_set(err, ENOSPC,
            "a disk of %llu sectors has no space for a partition",
            (unsigned long long)l->new_sectors);
    uint64_t last = l->new_sectors - after - 1;
    if (l->table == LAYOUT_MBR && last >= UINT32_MAX)
        last = UINT32_MAX - 1;
    *ret = last;
    return 0;
}

static const struct slot *
container_of(const struct layout *l, const struct slot *s)
{
    for (size_t i = 0; s->logical && i < l->n; i++)
        if (l->slots[i].extended && l->slots[i].start < s->start &&
            l->slots[i].end >= s->end)
            return &l->slots[i];
    return NULL;
}

int
layout_check(struct layout *l, struct error *err)
{
    const struct slot *before = NULL, *container = NULL;

    for (size_t i = 0; i < l->n; i++) {
        const struct slot *s = &l->slots[i];

        if (s->end < s->start || s->end >= l->sectors)
            return error_set(err, EINVAL,
                "partition %d ends at sector %llu, but the disk has %llu",
                s->number, (unsigned long long)s->end,
                (unsigned long long)l->sectors);
        if (s->extended && container)
            return error_set(err, EINVAL,
                "it has two extended partitions, %d and %d", container->number,
                s->number);
        if (s->logical && !container_of(l, s))
            return error_set(err, EINVAL,
                "the logical partition %d is not inside the extended one",
                s->number);
        if (before && s->start <= before->end)
            return error_set(err, EINVAL, "the partitions %d and %d overlap",
                before->number, s->number);
        if (!s->logical && container && s->start <= container->end)
            return error_set(err, EINVAL, "the partitions %d and %d overlap",
                container->number, s->number);
        if (s->extended)
            container = s;
        else
            before = s;
    }
    return 0;
}

/* --- in place --- */

/* The last sector that it could have. */
static uint64_t
limit_of(const struct layout *l, const struct slot *s, uint64_t limit)
{
    for (size_t i = 0; i < l->n; i++) {
        const struct slot *next = &l->slots[i];

        if (next->use == SLOT_DELETE || next->start <= s->end ||
            next->start > limit || (next->logical && !s->logical))
            continue;
        uint64_t gap = s->logical && next->logical ? EBR_GAP : 0;
        limit = next->start > s->end + 1 + gap ? next->start - 1 - gap : s->end;
    }
    return limit > s->end ? limit : s->end;
}

static int
set_end(struct layout *l, struct slot *s, bool expand, uint64_t last,
    struct error *err)
{
    struct slot *container = (struct slot *)(uintptr_t)container_of(l, s);
    uint64_t outer = container ? limit_of(l, container, last) : last;
    uint64_t limit = limit_of(l, s, outer);

    s->new_end = expand ? limit : s->start + s->wanted - 1;
    if (s->new_end > limit)
        return error_set(err, ENOSPC,
            "%s can grow to %llu bytes where it is, not to %llu: what follows "
            "it would have to move; for that give the name of an image to copy "
            "to",
            s->device,
            (unsigned long long)((limit - s->start + 1) * l->sector_size),
            (unsigned long long)(s->wanted * l->sector_size));
    if (container && s->new_end > container->new_end)
        container->new_end = s->new_end;
    return 0;
}

static int
check_container(const struct layout *l, const struct slot *s, struct error *err)
{
    for (size_t i = 0; s->extended && i < l->n; i++) {
        const struct slot *inner = &l->slots[i];

        if (inner->logical && inner->use != SLOT_DELETE &&
            inner->new_end > s->new_end)
            return error_set(err, ENOSPC,
                "%s cannot end before %s, which is inside it", s->device,
                inner->device);
    }
    return 0;
}

int
layout_in_place(struct layout *l, struct slot *expand, struct error *err)
{
    uint64_t last;

    if (last_usable(l, &last, err) < 0)
        return -1;
    for (size_t i = 0; i < l->n; i++) {
        l->slots[i].new_start = l->slots[i].start;
        l->slots[i].new_end = l->slots[i].end;
    }
    for (size_t i = 0; i < l->n; i++) {
        struct slot *s = &l->slots[i];

        if ((s == expand || s->wanted) &&
            set_end(l, s, s == expand, last, err) < 0)
            return -1;
    }
    for (size_t i = 0; i < l->n; i++)
        if (check_container(l, &l->slots[i], err) < 0)
            return -1;
    return 0;
}

/* --- on another disk --- */

struct walk {
    uint64_t next;  /* the first sector after what has its place */
    bool moved;     /* something before has changed */
    bool overflows; /* the sum is beyond all disks */
};

static uint64_t
align(const struct layout *l, uint64_t sector)
{
    uint64_t rest = sector % l->alignment;

    return rest ? sector + l->alignment - rest : sector;
}

static uint64_t
start_of(const struct layout *l, const struct slot *s, const struct walk *w,
    bool first)
{
    uint64_t room = s->logical ? EBR_ROOM : 0;

    if (first && l->align_first)
        return align(l, s->start);
    return w->moved ? align(l, w->next + room) : s->start;
}

static uint64_t
wanted_size(const struct slot *s)
{
    return s->wanted ? s->wanted : slot_size(s);
}

static void
put(struct layout *l, struct slot *s, struct walk *w, bool first)
{
    uint64_t size = wanted_size(s);

    s->new_start = start_of(l, s, w, first);
    w->overflows |= size > UINT64_MAX / 4 - s->new_start;
    s->new_end = s->new_start + (w->overflows ? 0 : size - 1);
    w->moved |= s->new_start != s->start || s->new_end != s->end;
    w->next = s->new_end + 1;
}

/* The logical ones, and then the end of what they are in, which keeps what it
 * had after the last of them. */
static size_t
put_container(struct layout *l, size_t i, struct walk *w, bool first)
{
    struct slot *container = &l->slots[i];
    uint64_t old_last = container->start;
    size_t k = i + 1;

    container->new_start = start_of(l, container, w, first);
    w->moved |= container->new_start != container->start;
    w->next = container->new_start;
    for (; k < l->n && l->slots[k].logical; k++) {
        old_last = l->slots[k].end;
        if (l->slots[k].use == SLOT_DELETE)
            w->moved = true;
        else
            put(l, &l->slots[k], w, false);
    }
    if (container->wanted) {
        container->new_end = container->new_start + container->wanted - 1;
    } else if (!w->moved) {
        container->new_end = container->end;
    } else {
        /* At least its own table has space. */
        uint64_t inside = w->next > container->new_start + EBR_ROOM
                              ? w->next
                              : container->new_start + EBR_ROOM;

        container->new_end = inside - 1 + (container->end - old_last);
    }
    w->moved |= container->new_end != container->end;
    w->next = container->new_end + 1;
    return k;
}

/* Give all of them places. */
static void
walk(struct layout *l, struct walk *w)
{
    bool first = true;

    *w = (struct walk){.next = first_usable(l)};
    for (size_t i = 0; i < l->n;) {
        if (l->slots[i].use == SLOT_DELETE) {
            bool container = l->slots[i++].extended;

            w->moved = true;
            while (container && i < l->n && l->slots[i].logical)
                l->slots[i++].use = SLOT_DELETE;
            continue;
        }
        if (l->slots[i].extended)
            i = put_container(l, i, w, first);
        else
            put(l, &l->slots[i++], w, first);
        first = false;
    }
}

static int
too_small(const struct layout *l, const struct walk *w, uint64_t last,
    struct error *err)
{
    return error_set(err, ENOSPC,
        "the new disk is too small by %llu bytes: make it larger, or name a "
        "partition with --shrink",
        (unsigned long long)((w->next - 1 - last) * l->sector_size));
}

static int
give_rest(struct layout *l, struct slot *s, uint64_t last, struct walk *w)
{
    uint64_t rest = last + 1 - w->next;

    if (rest < l->alignment)
        return 0;
    s->wanted = wanted_size(s) + rest / l->alignment * l->alignment;
    return 1;
}

static int
take_missing(struct layout *l, struct slot *s, uint64_t last, struct walk *w,
    struct error *err)
{
    uint64_t missing = w->next - 1 - last;

    missing = (missing + l->alignment - 1) / l->alignment * l->alignment;
    if (missing >= wanted_size(s))
        return error_set(err, ENOSPC,
            "%s has %llu bytes, but the new disk is smaller by %llu", s->device,
            (unsigned long long)(slot_size(s) * l->sector_size),
            (unsigned long long)(missing * l->sector_size));
    s->wanted = wanted_size(s) - missing;
    return 1;
}

int
layout_place(struct layout *l, struct slot *expand, struct slot *shrink,
    struct error *err)
{
    uint64_t last;
    struct walk w;

    if (last_usable(l, &last, err) < 0)
        return -1;
    for (int i = 0; i < ROUNDS; i++) {
        int again = 0;

        walk(l, &w);
        if (w.overflows)
            return error_set(err, ERANGE, "the sizes are larger than any disk");
        bool fits = w.next - 1 <= last;
        if (!fits && (shrink || (expand && i > 0)))
            again = take_missing(l, shrink ? shrink : expand, last, &w, err);
        else if (!fits)
            return too_small(l, &w, last, err);
        else if (expand && i < ROUNDS / 2)
            again = give_rest(l, expand, last, &w);
        if (again < 0)
            return -1;
        if (again == 0)
            break;
    }
    if (w.next - 1 > last)
        return too_small(l, &w, last, err);
    for (size_t i = 0; i < l->n; i++)
        if (l->slots[i].use != SLOT_DELETE &&
            check_container(l, &l->slots[i], err) < 0)
            return -1;
    return 0;
}

uint64_t
layout_rest(const struct layout *l, uint64_t *ret_start)
{
    cleanup_error struct error ignored = {0};
    uint64_t next = first_usable(l), last;

    for (size_t i = 0; i < l->n; i++)
        if (l->slots[i].use != SLOT_DELETE && l->slots[i].new_end >= next)
            next = l->slots[i].new_end + 1;
    *ret_start = align(l, next);
    if (last_usable(l, &last, &ignored) < 0 || *ret_start > last)
        return 0;
    return last + 1 - *ret_start;
}

bool
layout_is_copy(const struct layout *l)
{
    for (size_t i = 0; i < l->n; i++) {
        const struct slot *s = &l->slots[i];

        if (s->use != SLOT_KEEP || s->new_start != s->start ||
            s->new_end < s->end)
            return false;
    }
    return l->new_sectors >= l->sectors;
}
