/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Arrays and volume groups come up by themselves, when they are first needed.
 *
 * Theory of operation.  A disk is plugged into an appliance that runs
 * already, and most disks hold neither RAID nor LVM, so nothing is scanned
 * when a disk comes.  The calls that could see an array or a logical volume
 * ask storage_activate first; it compares the disks and partitions with those
 * it has looked at and, if there are new ones, asks libblkid what they are.
 * Only members of an array or a group cost the run of a tool.  The kernel
 * numbers disks for ever (diskseq), so one that was removed and another one
 * that took its name are told apart. */
#include <config.h>

#include <stdio.h>
#include <string.h>

#include "appliance/agent/storage.h"

enum { SEEN_MAX = 4096 };

/* What was looked at: kernel name and number of the disk. */
static struct seen {
    char name[32];
    unsigned long long disk;
} seen[SEEN_MAX];
static size_t n_seen;

static bool expected;

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
    bool array, group;
};

static void
look_at(struct call *c, const struct list *devices, struct found *ret)
{
    char **v = devices->items;

    for (uint32_t i = 0; i < devices->n; i++) {
        const char *name = v[i] + strlen("/dev/");
        char *disk = NULL;
        struct probe p;
        int number;

        if (!block_partition_of(c, name, &disk, &number))
            disk = call_strdup(c, name);
        if (!is_new(
                name, strtoull(block_attribute(c, disk, "diskseq"), NULL, 10)))
            continue;
        if (probe_device(c, v[i], &p) < 0) {
            call_forgive(c);
            continue;
        }
        if (strstr(p.type, "_raid_member"))
            ret->array = true;
        if (str_equal(p.type, "LVM2_member"))
            ret->group = true;
    }
}

/* A failure is not the call's: what is missing will be missed. */
static void
tool(struct call *c, const char *const *argv)
{
    if (run_tool_argv(c, NULL, argv) < 0)
        call_forgive(c);
}

void
storage_activate(struct call *c)
{
    struct list disks = {0}, arrays = {0};
    struct found found = {0};

    if (call_errno(c))
        return;
    block_disks(c, &disks);
    block_partitions(c, &disks);
    look_at(c, &disks, &found);
    if (found.array) {
        tool(c, (const char *const[]){
                    "mdadm", "--assemble", "--scan", "--run", NULL});
        device_settle(c);
    }
    block_arrays(c, &arrays);
    block_partitions(c, &arrays);
    look_at(c, &arrays, &found);
    if (found.group) {
        lvm_expect();
        tool(c, (const char *const[]){
                    "lvm", "vgchange", "--activate", "y", "--sysinit", NULL});
        device_settle(c);
    }
}
