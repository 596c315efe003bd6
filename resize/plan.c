/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "resize/plan.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "resize/disk.h"
#include "tool/print.h"
#include "tool/size.h"

enum { EXTRA_MIN = 10 << 20 /* bytes that are worth a partition */ };

static int
once(const struct slot *s, struct error *err)
{
    if (s->wanted || s->use != SLOT_KEEP)
        return error_set(err, EINVAL, "%s is named by two options", s->device);
    return 0;
}

/* "/dev/sda1=10G" */
static int
take_size(struct mayfly *g, const struct layout *l, const char *text,
    bool forced, struct error *err)
{
    const char *equals = strrchr(text, '=');
    uint64_t bytes;

    if (!equals || equals == text)
        return error_set(
            err, EINVAL, "'%s' is not of the form PART=SIZE", text);
    cleanup_free char *name = strndup(text, (size_t)(equals - text));
    struct slot *s = name ? disk_find(g, l, name, err) : NULL;
    if (!s)
        return name ? -1 : error_no_memory(err);
    if (once(s, err) < 0 ||
        size_change(equals + 1, slot_size(s) * l->sector_size, &bytes, err) < 0)
        return -1;
    s->wanted = (bytes + l->sector_size - 1) / l->sector_size;
    s->forced = forced;
    return 0;
}

static int
take_sizes(struct mayfly *g, const struct layout *l, char *const *texts,
    bool forced, struct error *err)
{
    for (; texts && *texts; texts++)
        if (take_size(g, l, *texts, forced, err) < 0)
            return error_context(err, forced ? "--resize-force" : "--resize");
    return 0;
}

static int
take_uses(struct mayfly *g, const struct layout *l, char *const *names,
    enum slot_use use, struct error *err)
{
    const char *option = use == SLOT_IGNORE ? "--ignore" : "--delete";

    for (; names && *names; names++) {
        struct slot *s = disk_find(g, l, *names, err);

        if (!s || once(s, err) < 0)
            return error_context(err, "%s", option);
        if (s->extended && use == SLOT_IGNORE)
            return error_set(err, EINVAL,
                "%s: %s is an extended partition: name those that are in it",
                option, s->device);
        s->use = use;
    }
    return 0;
}

static int
take_one(struct mayfly *g, const struct layout *l, const char *option,
    const char *name, struct slot **ret, struct error *err)
{
    if (!name)
        return 0;
    *ret = disk_find(g, l, name, err);
    return !*ret || once(*ret, err) < 0 ? error_context(err, "%s", option) : 0;
}

/* Do the options that need a table name the disk itself? */
static int
plan_whole(const struct resize *r, struct mayfly *g, const char *device,
    struct plan *p, struct error *err)
{
    cleanup_free char *name = NULL;

    if (r->sizes || r->forced_sizes || r->ignored || r->deleted || r->shrink)
        return error_set(err, EINVAL,
            "the disk has no partition table, so it has no partitions to "
            "change");
    if (p->layout.new_sectors < p->layout.sectors)
        return error_set(err, ENOSPC,
            "the disk has no partition table: the new one must have at least "
            "%llu bytes",
            (unsigned long long)(p->layout.sectors * p->layout.sector_size));
    if (!r->expand)
        return 0;
    if (mayfly_canonical_device_name(g, r->expand, &name) < 0 ||
        !str_equal(name, device))
        return error_set(err, EINVAL,
            "--expand: the disk has no partition table: what is on it is on %s",
            device);
    p->whole_grows = true;
    return 0;
}

/* A guest of Windows whose first partition is not aligned is repaired by
 * virt-resize; ours stays where it is. */
static void
set_alignment(const struct resize *r, struct layout *l)
{
    l->alignment = (uint64_t)r->alignment;
    l->align_first = r->align_first == ALIGN_ALWAYS;
}

static int
place(const struct resize *r, struct plan *p, struct slot *expand,
    struct slot *shrink, struct error *err)
{
    struct layout *l = &p->layout;

    if (!r->out)
        return layout_in_place(l, expand, err);
    if (layout_place(l, expand, shrink, err) < 0)
        return -1;
    uint64_t start, rest = layout_rest(l, &start);
    if (!r->no_extra && rest >= EXTRA_MIN / l->sector_size) {
        p->rest_start = start;
        p->rest = rest;
    }
    return 0;
}

/* What is written at the end of a member would be lost. */
static int
check_members(const struct layout *l, struct error *err)
{
    for (size_t i = 0; i < l->n; i++) {
        const struct slot *s = &l->slots[i];
        size_t n = strlen(s->type), m = strlen("_raid_member");

        if (n >= m && str_equal(s->type + n - m, "_raid_member") &&
            s->use == SLOT_KEEP && !s->forced &&
            slot_new_size(s) != slot_size(s))
            return error_set(err, ENOTSUP,
                "%s is a part of a RAID array (%s), which would no longer be "
                "found: resize the array in the guest, or leave this partition "
                "as large as it is",
                s->device, s->type);
    }
    return 0;
}

/* An MBR has space for four that are not logical. */
static void
check_extra(struct plan *p)
{
    size_t primary = 0;

    for (size_t i = 0; i < p->layout.n; i++)
        primary += !p->layout.slots[i].logical &&
                   p->layout.slots[i].use != SLOT_DELETE;
    if (!p->rest || p->layout.table != LAYOUT_MBR || primary < 4)
        return;
    tool_warning("the free space at the end gets no partition: the table has "
                 "four already; name one with --expand");
    p->rest = 0;
}

static void
warn_numbers(const struct layout *l)
{
    bool gone = false;

    for (int number = 5; number <= 255; number++)
        for (size_t i = 0; i < l->n; i++) {
            const struct slot *s = &l->slots[i];

            if (!s->logical || s->number != number)
                continue;
            if (s->use != SLOT_DELETE && gone)
                tool_warning("%s gets a smaller number: logical partitions "
                             "are counted",
                    s->device);
            gone |= s->use == SLOT_DELETE;
        }
}

int
plan_make(const struct resize *r, struct mayfly *g, const char *device,
    uint64_t size, struct plan *ret, struct error *err)
{
    struct layout *l = &ret->layout;
    struct slot *expand = NULL, *shrink = NULL;

    if (disk_read(g, device, l, &ret->table, err) < 0)
        return error_context(err, "%s", r->in);
    l->new_sectors = size / l->sector_size;
    ret->old_size = l->sectors * l->sector_size;
    set_alignment(r, l);
    if (!ret->table)
        return plan_whole(r, g, device, ret, err);
    if (take_sizes(g, l, r->sizes, false, err) < 0 ||
        take_sizes(g, l, r->forced_sizes, true, err) < 0 ||
        take_uses(g, l, r->ignored, SLOT_IGNORE, err) < 0 ||
        take_uses(g, l, r->deleted, SLOT_DELETE, err) < 0 ||
        take_one(g, l, "--expand", r->expand, &expand, err) < 0 ||
        take_one(g, l, "--shrink", r->shrink, &shrink, err) < 0 ||
        place(r, ret, expand, shrink, err) < 0 || check_members(l, err) < 0)
        return -1;
    check_extra(ret);
    if (r->out && l->table == LAYOUT_MBR)
        warn_numbers(l);
    return 0;
}

/* --- the summary --- */

static void
print_slot(const struct layout *l, const struct slot *s)
{
    char old[24], new[24];
    uint64_t before = slot_size(s), after = slot_new_size(s);

    size_text(before * l->sector_size, old);
    printf("%s (%s, %s): ", s->device,
        s->extended ? "extended"
        : *s->type  ? s->type
                    : "unknown content",
        old);
    if (s->use == SLOT_DELETE) {
        puts("is left out");
        return;
    }
    size_text(after * l->sector_size, new);
    if (after > before)
        printf("grows to %s", new);
    else if (after < before)
        printf("shrinks to %s", new);
    else
        printf("stays");
    if (s->use == SLOT_IGNORE)
        printf(", empty");
    if (s->new_start != s->start)
        printf(", moves from sector %llu to %llu", (unsigned long long)s->start,
            (unsigned long long)s->new_start);
    putchar('\n');
}

void
plan_print(const struct resize *r, const struct plan *p)
{
    const struct layout *l = &p->layout;
    char old[24], new[24];

    size_text(p->old_size, old);
    size_text(l->new_sectors * l->sector_size, new);
    if (str_equal(old, new))
        printf("the disk stays as large as it is, %s\n", old);
    else
        printf("the disk has %s, and will have %s\n", old, new);
    for (size_t i = 0; i < l->n; i++)
        print_slot(l, &l->slots[i]);
    if (!p->table)
        printf("no partition table: what is on the disk %s\n",
            p->whole_grows ? "grows" : "stays as it is");
    if (p->rest)
        printf("the last %s get a partition of their own\n",
            size_text(p->rest * l->sector_size, new));
    for (char *const *lv = r->volumes; lv && *lv; lv++)
        printf("%s: gets the free space of its volume group\n", *lv);
    fflush(stdout);
}
