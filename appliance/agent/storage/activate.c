/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Arrays and volume groups come up by themselves, when they are first needed.
 *
 * Theory of operation.  A disk is plugged into an appliance that runs
 * already, and most disks hold neither RAID nor LVM, so nothing is scanned
 * when a disk comes.  The calls that could see an array or a logical volume
 * ask storage_activate first; it compares the disks and partitions with those
 * it has looked at and, if there are new ones, asks libblkid what they are.
 * Only members of an array or a group cost the run of a tool.  The kernel
 * numbers disks for ever (diskseq), so a new disk is not taken for a removed
 * one whose name it has. */
#include <config.h>

#include "appliance/agent/storage/activate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "appliance/agent/call/call.h"
#include "appliance/agent/call/memory.h"
#include "appliance/agent/program/run.h"
#include "appliance/agent/storage/blocks.h"
#include "appliance/agent/storage/names.h"
#include "appliance/agent/storage/probe.h"
#include "base/strv.h"

enum { SEEN_MAX = 4096 };

/* What was looked at: kernel name and number of the disk. */
static struct seen {
    char name[32];
    unsigned long long disk;
} seen[SEEN_MAX];
static size_t n_seen;

static bool expected, incomplete;

bool
lvm_expected(void)
{
    return expected;
}

void
lvm_expect(void)
{
    expected = true;
}

bool
lvm_incomplete(void)
{
    return incomplete;
}

static bool
is_new(const char *name, unsigned long long disk)
{
    for (size_t i = 0; i < n_seen; i++)
        if (str_equal(seen[i].name, name)) {
            bool same = seen[i].disk == disk;
            seen[i].disk = disk;
            return !same;
        }
    if (n_seen < SEEN_MAX) {
        snprintf(seen[n_seen].name, sizeof seen->name, "%s", name);
        seen[n_seen++].disk = disk;
    }
    return true;
}

struct found {
    struct list members; /* of arrays: kernel names */
    bool group;
};

static void
look_at(struct call *c, const struct list *devices, struct found *ret)
{
    char **v = devices->items;

    for (uint32_t i = 0; i < devices->n; i++) {
        char *name = v[i] + strlen("/dev/"), *disk = NULL;
        struct probe p;
        int number;

        if (strchr(name, '/'))
            name = block_kernel_name(c, v[i]);
        if (name && !block_partition_of(c, name, &disk, &number))
            disk = name;
        if (!name || !is_new(name, strtoull(block_attribute(c, disk, "diskseq"),
                                       NULL, 10))) {
            call_forgive(c);
            continue;
        }
        if (probe_member(c, v[i], &p) < 0) {
            call_forgive(c);
            continue;
        }
        if (strstr(p.type, "_raid_member"))
            list_add_string(c, &ret->members, name);
        if (str_equal(p.type, "LVM2_member"))
            ret->group = true;
    }
}

/* A failure is not the call's: what is missing will be missed. */
static bool
tool(struct call *c, const char *const *argv)
{
    int r = run_tool_argv(c, NULL, argv);

    if (r < 0)
        call_forgive(c);
    device_settle(c);
    return r == 0;
}

/* Start what lacks members, but not too many of them.  True if something may
 * have come up. */
static bool
activate_degraded(struct call *c, const struct found *f)
{
    char **v = f->members.items;
    bool loose = false, started = false;

    for (uint32_t i = 0; i < f->members.n; i++) {
        struct list holders = {0};

        block_holders(c, v[i], &holders);
        loose |= holders.n == 0;
        for (uint32_t k = 0; k < holders.n; k++) {
            const char *array = ((char **)holders.items)[k];

            if (!str_equal(
                    block_attribute(c, array, "md/array_state"), "inactive"))
                continue;
            tool(c, (const char *const[]){"mdadm", "--run",
                        call_printf(c, "/dev/%s", array), NULL});
            started = true;
        }
    }
    if (loose)
        tool(c, (const char *const[]){
                    "mdadm", "--assemble", "--scan", "--run", NULL});
    return loose || started;
}

static void
look_at_all(struct call *c, struct found *ret)
{
    struct list devices = {0}, arrays = {0};

    block_disks(c, &devices);
    block_partitions(c, &devices);
    look_at(c, &devices, ret);
    block_arrays(c, &arrays);
    block_partitions(c, &arrays);
    if (expected)
        block_mapped(c, true, &arrays);
    look_at(c, &arrays, ret);
}

/* What is there and complete.  An array can have a volume as its member, and
 * the other way round, so all that has come up is looked at as well.  True if
 * something may have come up. */
static bool
activate(struct call *c, struct found *f)
{
    enum { LEVELS_MAX = 8 };
    bool ever = false;

    for (int i = 0; i < LEVELS_MAX; i++) {
        uint32_t members = f->members.n;

        f->group = false;
        look_at_all(c, f);
        if (f->members.n == members && !f->group)
            break;
        ever = true;
        if (f->members.n > members)
            tool(c, (const char *const[]){"mdadm", "--assemble", "--scan",
                        "--no-degraded", NULL});
        if (f->group) {
            lvm_expect();
            incomplete |= !tool(c, (const char *const[]){"lvm", "vgchange",
                                       "--activate", "y", "--sysinit", NULL});
        }
    }
    return ever;
}

void
storage_activate(struct call *c)
{
    struct found found = {0};

    if (call_errno(c) || !activate(c, &found))
        return;
    /* Now all is there that ever will be: arrays do with what they have. */
    if (activate_degraded(c, &found))
        activate(c, &found);
}
