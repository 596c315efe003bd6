/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shrinking what is on a device, before the device becomes smaller.
 *
 * One type = one function and one entry of the table at the end.  Each is left
 * to the type's own program, which knows how much space the content needs. */
#include <config.h>

#include "appliance/agent/storage/shrink.h"

#include <errno.h>
#include <string.h>

#include "appliance/agent/call/call.h"
#include "appliance/agent/call/memory.h"
#include "appliance/agent/program/run.h"
#include "appliance/agent/storage/btrfs_id.h"
#include "appliance/agent/storage/mounts.h"
#include "appliance/agent/storage/probe.h"
#include "base/cleanup.h"
#include "base/strv.h"

enum { SECTOR = 512 };

/* The first ones are about the program. */
static const char *
last_line(const char *text)
{
    const char *newline = strrchr(text, '\n');

    return newline ? newline + 1 : text;
}

static int
shrink_ext(struct call *c, const char *device, int64_t size)
{
    struct run_result r;
    const char *argv[] = {"e2fsck", "-f", "-y", device, NULL};
    struct run run = {.argv = argv};

    /* resize2fs wants a fresh check; above 3 errors are left. */
    if (run_command(c, &run, &r) < 0)
        return -1;
    if (r.status > 3)
        return call_error(c, EIO, "e2fsck %s: %s", device,
            *r.errors ? r.errors : "errors are left");
    const char *resize[] = {"resize2fs", device,
        call_printf(c, "%llds", (long long)(size / SECTOR)), NULL};
    run.argv = resize;
    if (run_command(c, &run, &r) < 0)
        return -1;
    return r.status == 0 ? 0 : call_error(c, EIO, "%s", last_line(r.errors));
}

static int
shrink_btrfs(struct call *c, const char *device, int64_t size)
{
    const char *target = mount_private(c, device, "btrfs", "");

    if (!target)
        return -1;
    const char *id = btrfs_device_id(c, device, target);
    int r =
        id ? run_tool(c, NULL, "btrfs", "filesystem", "resize",
                 call_printf(c, "%s:%lld", id, (long long)size), target, NULL)
           : -1;
    return mount_release(c, target) < 0 ? -1 : r;
}

static int
shrink_ntfs(struct call *c, const char *device, int64_t size)
{
    return run_tool(c, NULL, "ntfsresize", "--force", "--force",
        "--no-progress-bar", "--size", call_printf(c, "%lld", (long long)size),
        device, NULL);
}

/* What it holds is thrown away when it is made again. */
static int
shrink_swap(struct call *c, const char *device, int64_t size)
{
    (void)c, (void)device, (void)size;
    return 0;
}

static int
shrink_volume(struct call *c, const char *device, int64_t size)
{
    return run_tool(c, NULL, "lvm", "pvresize", "--yes",
        "--setphysicalvolumesize", call_printf(c, "%lldb", (long long)size),
        device, NULL);
}

static const struct {
    const char *type;
    int (*shrink)(struct call *c, const char *device, int64_t size);
} shrinkers[] = {
    {"ext2", shrink_ext},
    {"ext3", shrink_ext},
    {"ext4", shrink_ext},
    {"btrfs", shrink_btrfs},
    {"ntfs", shrink_ntfs},
    {"swap", shrink_swap},
    {"LVM2_member", shrink_volume},
};

int
storage_shrink(
    struct call *c, const char *device, int64_t size, const char **ret_type)
{
    struct probe p;

    if (probe_device(c, device, &p) < 0)
        return -1;
    if (mount_point_of(c, device))
        return call_error(c, EBUSY, "%s: %s cannot shrink while it is mounted",
            device, p.type);
    for (size_t i = 0; i < N_ELEMENTS(shrinkers); i++)
        if (str_equal(p.type, shrinkers[i].type)) {
            if (shrinkers[i].shrink(c, device, size) < 0)
                return -1;
            *ret_type = p.type;
            return 0;
        }
    return call_error(c, ENOTSUP, "%s: cannot shrink '%s'", device,
        *p.type ? p.type : "unknown");
}
