/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Subvolumes of btrfs: making, listing, choosing. */
#include <config.h>

#include "appliance/agent/ops/btrfs/subvolumes.h"

#include <string.h>

#include "appliance/agent/call/memory.h"
#include "appliance/agent/program/arguments.h"
#include "appliance/agent/program/run.h"
#include "appliance/agent/storage/device.h"
#include "appliance/agent/storage/mounts.h"
#include "appliance/agent/storage/subvolumes.h"
#include "base/strv.h"
#include "ops-btrfs.h"

int
btrfs_place_open(struct call *c, const char *fs, const char *options,
    struct btrfs_place *ret)
{
    const char *device, *subvolume;

    *ret = (struct btrfs_place){0};
    if (!str_after(fs, "/dev/") && !str_after(fs, "btrfsvol:"))
        return (ret->target = tool_path(c, fs)) ? 0 : -1;
    if (mountable_split(c, fs, &device, &subvolume) < 0)
        return -1;
    ret->target = mount_point_of(c, device);
    if (!ret->target)
        ret->target = ret->private = mount_private(c, device, "btrfs", options);
    return ret->target ? 0 : -1;
}

int
btrfs_place_close(struct call *c, const struct btrfs_place *p, int r)
{
    if (p->private && mount_release(c, p->private) < 0)
        return -1;
    return r;
}

int
op_btrfs_subvolume_create(
    struct call *c, const struct api_btrfs_subvolume_create_args *args)
{
    struct list argv = {0};
    const char *dest = tool_path_new(c, args->dest);

    if (!dest)
        return -1;
    list_add_string(c, &argv, "btrfs");
    list_add_string(c, &argv, "subvolume");
    list_add_string(c, &argv, "create");
    add_option(c, &argv, "-i", args->qgroupid);
    list_add_string(c, &argv, dest);
    return run_tool_argv(c, NULL, argv.items);
}

int
op_btrfs_subvolume_delete(
    struct call *c, const struct api_btrfs_subvolume_delete_args *args)
{
    const char *path = tool_path(c, args->subvolume);

    return path ? run_tool(c, NULL, "btrfs", "subvolume", "delete", path, NULL)
                : -1;
}

int
op_btrfs_subvolume_snapshot(
    struct call *c, const struct api_btrfs_subvolume_snapshot_args *args)
{
    struct list argv = {0};
    const char *source = tool_path(c, args->source);
    const char *dest = source ? tool_path_new(c, args->dest) : NULL;

    if (!dest)
        return -1;
    list_add_string(c, &argv, "btrfs");
    list_add_string(c, &argv, "subvolume");
    list_add_string(c, &argv, "snapshot");
    if (args->ro)
        list_add_string(c, &argv, "-r");
    add_option(c, &argv, "-i", args->qgroupid);
    list_add_string(c, &argv, source);
    list_add_string(c, &argv, dest);
    return run_tool_argv(c, NULL, argv.items);
}

int
op_btrfs_subvolume_list(struct call *c,
    const struct api_btrfs_subvolume_list_args *args,
    struct api_btrfs_subvolume_list_ret *ret)
{
    struct btrfs_place place;
    struct list all = {0}, list = {0};

    if (btrfs_place_open(c, args->fs, "ro", &place) < 0 ||
        btrfs_place_close(c, &place, btrfs_subvolumes(c, place.target, &all)) <
            0)
        return -1;
    struct subvolume *s = all.items;
    for (uint32_t i = 0; i < all.n; i++)
        *list_add(c, &list, struct mayfly_btrfssubvolume) =
            (struct mayfly_btrfssubvolume){s[i].id, s[i].parent, s[i].path};
    ret->value = list.items;
    ret->n_value = list.n;
    return 0;
}

int
op_btrfs_subvolume_get_default(struct call *c,
    const struct api_btrfs_subvolume_get_default_args *args,
    struct api_btrfs_subvolume_get_default_ret *ret)
{
    struct btrfs_place place;
    uint64_t id = 0;

    if (btrfs_place_open(c, args->fs, "ro", &place) < 0 ||
        btrfs_place_close(
            c, &place, btrfs_default_subvolume(c, place.target, &id)) < 0)
        return -1;
    ret->value = (int64_t)id;
    return 0;
}

int
op_btrfs_subvolume_set_default(
    struct call *c, const struct api_btrfs_subvolume_set_default_args *args)
{
    const char *path = tool_path(c, args->fs);

    return path ? run_tool(c, NULL, "btrfs", "subvolume", "set-default",
                      call_printf(c, "%lld", (long long)args->id), path, NULL)
                : -1;
}

/* The path, then lines of "  Name:   value"; a list of snapshots at the end
 * becomes one value with commas. */
int
op_btrfs_subvolume_show(struct call *c,
    const struct api_btrfs_subvolume_show_args *args,
    struct api_btrfs_subvolume_show_ret *ret)
{
    struct list list = {0};
    char *out, *save = NULL, *snapshots = NULL;
    const char *path = tool_path(c, args->subvolume);

    if (!path ||
        run_tool(c, &out, "btrfs", "subvolume", "show", path, NULL) < 0)
        return -1;
    char *line = strtok_r(out, "\n", &save);
    list_add_string(c, &list, "path");
    list_add_string(c, &list, line ? line : "");
    while ((line = strtok_r(NULL, "\n", &save))) {
        line += strspn(line, " \t");
        char *colon = strchr(line, ':');
        if (snapshots || (colon && str_after(line, "Snapshot(s):"))) {
            const char *name = snapshots ? line : "";

            snapshots = snapshots && *snapshots
                            ? call_printf(c, "%s,%s", snapshots, name)
                            : call_strdup(c, name);
            continue;
        }
        if (!colon)
            continue;
        *colon = '\0';
        char *value = colon + 1 + strspn(colon + 1, " \t");
        list_add_string(c, &list, line);
        list_add_string(c, &list, str_equal(value, "-") ? "" : value);
    }
    if (snapshots) {
        list_add_string(c, &list, "Snapshot(s)");
        list_add_string(c, &list, snapshots);
    }
    ret->value = list.items;
    ret->n_value = list.n / 2;
    return 0;
}
