/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Growing what is on a device to the device's size.
 *
 * One type = one function and one entry of the table at the end.  A function
 * gets the place where the device is mounted, NULL if it is not. */
#include <config.h>

#include "appliance/agent/storage/grow.h"

#include <errno.h>
#include <string.h>

#include "appliance/agent/call/call.h"
#include "appliance/agent/call/memory.h"
#include "appliance/agent/program/run.h"
#include "appliance/agent/storage/blocks.h"
#include "appliance/agent/storage/btrfs_id.h"
#include "appliance/agent/storage/mounts.h"
#include "appliance/agent/storage/probe.h"
#include "base/cleanup.h"
#include "base/strv.h"

struct growth {
    const char *device;
    const char *target; /* where it is mounted, or NULL */
    const struct probe *probe;
};

static int
grow_ext(struct call *c, const struct growth *g)
{
    /* Unmounted, resize2fs wants a fresh check; 1 is "repaired". */
    if (!g->target) {
        struct run_result r;
        const char *argv[] = {"e2fsck", "-f", "-y", g->device, NULL};
        struct run run = {.argv = argv};

        if (run_command(c, &run, &r) < 0)
            return -1;
        if (r.status > 3)
            return call_error(c, EIO, "e2fsck %s: %s", g->device,
                *r.errors ? r.errors : "errors are left");
    }
    return run_tool(c, NULL, "resize2fs", g->device, NULL);
}

/* Some grow only while they are mounted. */
static int
grow_mounted(struct call *c, const struct growth *g,
    int (*grow)(struct call *c, const struct growth *g))
{
    struct growth mounted = *g;

    if (g->target)
        return grow(c, g);
    mounted.target = mount_private(c, g->device, g->probe->type, "");
    if (!mounted.target)
        return -1;
    int r = grow(c, &mounted);
    /* The first error is the one that stays. */
    return mount_release(c, mounted.target) < 0 ? -1 : r;
}

static int
grow_xfs_mounted(struct call *c, const struct growth *g)
{
    return run_tool(c, NULL, "xfs_growfs", "-d", g->target, NULL);
}

static int
grow_xfs(struct call *c, const struct growth *g)
{
    return grow_mounted(c, g, grow_xfs_mounted);
}

static int
grow_btrfs_mounted(struct call *c, const struct growth *g)
{
    const char *id = btrfs_device_id(c, g->device, g->target);

    return id ? run_tool(c, NULL, "btrfs", "filesystem", "resize",
                    call_printf(c, "%s:max", id), g->target, NULL)
              : -1;
}

static int
grow_btrfs(struct call *c, const struct growth *g)
{
    return grow_mounted(c, g, grow_btrfs_mounted);
}

static int
need_unmounted(struct call *c, const struct growth *g)
{
    if (g->target)
        return call_error(c, EBUSY, "%s: %s cannot grow while it is mounted",
            g->device, g->probe->type);
    return 0;
}

static int
grow_ntfs(struct call *c, const struct growth *g)
{
    if (need_unmounted(c, g) < 0)
        return -1;
    return run_tool(c, NULL, "ntfsresize", "--force", "--force",
        "--no-progress-bar", g->device, NULL);
}

static int
grow_f2fs(struct call *c, const struct growth *g)
{
    if (need_unmounted(c, g) < 0)
        return -1;
    return run_tool(c, NULL, "resize.f2fs", g->device, NULL);
}

/* A swap area holds nothing: it is made again under its old names. */
static int
grow_swap(struct call *c, const struct growth *g)
{
    struct list argv = {0};

    list_add_string(c, &argv, "mkswap");
    if (*g->probe->uuid) {
        list_add_string(c, &argv, "-U");
        list_add_string(c, &argv, g->probe->uuid);
    }
    if (*g->probe->label) {
        list_add_string(c, &argv, "-L");
        list_add_string(c, &argv, g->probe->label);
    }
    list_add_string(c, &argv, g->device);
    return run_tool_argv(c, NULL, argv.items);
}

static int
grow_volume(struct call *c, const struct growth *g)
{
    return run_tool(c, NULL, "lvm", "pvresize", g->device, NULL);
}

/* A closed container takes what it finds; an opened one has to be resized
 * by its own name. */
static int
grow_luks(struct call *c, const struct growth *g)
{
    struct list mapped = {0};
    char *name = block_kernel_name(c, g->device);

    if (!name)
        return -1;
    block_holders(c, name, &mapped);
    char **v = mapped.items;
    for (uint32_t i = 0; i < mapped.n; i++) {
        const char *opened = block_attribute(c, v[i], "dm/name");

        if (*opened &&
            run_tool(c, NULL, "cryptsetup", "resize", opened, NULL) < 0)
            return -1;
    }
    return 0;
}

static const struct {
    const char *type;
    int (*grow)(struct call *c, const struct growth *g);
} growers[] = {
    {"ext2", grow_ext},
    {"ext3", grow_ext},
    {"ext4", grow_ext},
    {"xfs", grow_xfs},
    {"btrfs", grow_btrfs},
    {"ntfs", grow_ntfs},
    {"f2fs", grow_f2fs},
    {"swap", grow_swap},
    {"LVM2_member", grow_volume},
    {"crypto_LUKS", grow_luks},
};

int
storage_grow(struct call *c, const char *device, const char **ret_type)
{
    struct probe p;

    if (probe_device(c, device, &p) < 0)
        return -1;
    struct growth g = {device, mount_point_of(c, device), &p};
    for (size_t i = 0; i < N_ELEMENTS(growers); i++)
        if (str_equal(p.type, growers[i].type)) {
            if (growers[i].grow(c, &g) < 0)
                return -1;
            *ret_type = p.type;
            return 0;
        }
    return call_error(c, ENOTSUP, "%s: cannot grow '%s'", device,
        *p.type ? p.type : "unknown");
}
