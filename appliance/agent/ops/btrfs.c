/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What only btrfs has. */
#include <config.h>

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "appliance/agent/storage.h"
#include "ops.h"

/* --- places --- */

/* A path of the guest that exists, as a path of the appliance; NULL (call
 * failed).  Tools get it: nothing else runs meanwhile that could change what
 * it leads to. */
static const char *
existing(struct call *c, const char *path)
{
    if (need_root(c) < 0)
        return NULL;
    char *real = path_real(c, path);
    return real ? call_printf(c, "%s%s", SYSROOT, real) : NULL;
}

/* The same for something to be made: its folder exists. */
static const char *
to_be_made(struct call *c, const char *path)
{
    size_t n = strlen(path);

    if (need_root(c) < 0)
        return NULL;
    while (n > 1 && path[n - 1] == '/')
        n--;
    char *copy = call_strndup(c, path, n), *slash = strrchr(copy, '/');
    if (!slash || !slash[1] || str_equal(slash, "/..") ||
        str_equal(slash, "/.")) {
        call_error(c, EINVAL, "%s: not the name of something new", path);
        return NULL;
    }
    *slash = '\0';
    char *folder = path_real(c, *copy ? copy : "/");
    return folder ? call_printf(c, "%s%s/%s", SYSROOT,
                        str_equal(folder, "/") ? "" : folder, slash + 1)
                  : NULL;
}

/* A mounted path, or a device that is mounted for the moment. */
struct place {
    const char *target;
    const char *private; /* to be released, or NULL */
};

static int
place_open(struct call *c, const char *fs, struct place *ret)
{
    const char *device, *subvolume;

    *ret = (struct place){0};
    if (!str_after(fs, "/dev/") && !str_after(fs, "btrfsvol:"))
        return (ret->target = existing(c, fs)) ? 0 : -1;
    if (mountable_split(c, fs, &device, &subvolume) < 0)
        return -1;
    ret->target = mount_point_of(c, device);
    if (!ret->target)
        ret->target = ret->private = mount_private(c, device, "btrfs", "ro");
    return ret->target ? 0 : -1;
}

static int
place_close(struct call *c, const struct place *p, int r)
{
    if (p->private && mount_release(c, p->private) < 0)
        return -1;
    return r;
}

/* --- making, checking --- */

static void
add_option(
    struct call *c, struct list *argv, const char *option, const char *value)
{
    if (!value)
        return;
    list_add_string(c, argv, option);
    list_add_string(c, argv, value);
}

static void
add_number(struct call *c, struct list *argv, const char *option, bool has,
    int64_t value)
{
    if (has)
        add_option(c, argv, option, call_printf(c, "%lld", (long long)value));
}

static int
add_devices(
    struct call *c, struct list *argv, const char *const *devices, uint32_t n)
{
    if (n == 0)
        return call_error(c, EINVAL, "btrfs: no devices given");
    for (uint32_t i = 0; i < n; i++) {
        const char *device = device_check(c, devices[i]);

        if (!device)
            return -1;
        list_add_string(c, argv, device);
    }
    return 0;
}

int
op_mkfs_btrfs(struct call *c, const struct api_mkfs_btrfs_args *a)
{
    struct list argv = {0};

    list_add_string(c, &argv, "mkfs.btrfs");
    list_add_string(c, &argv, "-f");
    list_add_string(c, &argv, "-q");
    /* allocstart: today's mkfs ignores where the first allocation goes. */
    add_number(c, &argv, "-b", a->has_bytecount, a->bytecount);
    add_option(c, &argv, "-d", a->datatype);
    add_option(c, &argv, "-L", a->label);
    add_option(c, &argv, "-m", a->metadata);
    if (a->has_nodesize || a->has_leafsize)
        add_number(
            c, &argv, "-n", true, a->has_nodesize ? a->nodesize : a->leafsize);
    add_number(c, &argv, "-s", a->has_sectorsize, a->sectorsize);
    if (add_devices(c, &argv, a->devices, a->n_devices) < 0)
        return -1;
    return run_tool_argv(c, NULL, argv.items);
}

int
op_btrfs_fsck(struct call *c, const struct api_btrfs_fsck_args *args)
{
    struct list argv = {0};
    const char *device = device_check(c, args->device);

    if (!device)
        return -1;
    list_add_string(c, &argv, "btrfs");
    list_add_string(c, &argv, "check");
    add_number(c, &argv, "-s", args->has_superblock, args->superblock);
    if (args->repair) {
        list_add_string(c, &argv, "--force");
        list_add_string(c, &argv, "--repair");
    }
    list_add_string(c, &argv, device);
    return run_tool_argv(c, NULL, argv.items);
}

int
op_btrfs_set_seeding(
    struct call *c, const struct api_btrfs_set_seeding_args *args)
{
    const char *device = device_check(c, args->device);

    return device ? run_tool(c, NULL, "btrfstune", "-f", "-S",
                        args->seeding ? "1" : "0", device, NULL)
                  : -1;
}

int
op_btrfs_scrub_full(
    struct call *c, const struct api_btrfs_scrub_full_args *args)
{
    const char *path = existing(c, args->path);

    return path ? run_tool(c, NULL, "btrfs", "scrub", "start", "-B",
                      args->readonly ? "-r" : path,
                      args->readonly ? path : NULL, NULL)
                : -1;
}

/* --- subvolumes --- */

int
op_btrfs_subvolume_create(
    struct call *c, const struct api_btrfs_subvolume_create_args *args)
{
    struct list argv = {0};
    const char *dest = to_be_made(c, args->dest);

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
    const char *path = existing(c, args->subvolume);

    return path ? run_tool(c, NULL, "btrfs", "subvolume", "delete", path, NULL)
                : -1;
}

int
op_btrfs_subvolume_snapshot(
    struct call *c, const struct api_btrfs_subvolume_snapshot_args *args)
{
    struct list argv = {0};
    const char *source = existing(c, args->source);
    const char *dest = source ? to_be_made(c, args->dest) : NULL;

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
    struct place place;
    struct list all = {0}, list = {0};

    if (place_open(c, args->fs, &place) < 0 ||
        place_close(c, &place, btrfs_subvolumes(c, place.target, &all)) < 0)
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
    struct place place;
    uint64_t id = 0;

    if (place_open(c, args->fs, &place) < 0 ||
        place_close(c, &place, btrfs_default_subvolume(c, place.target, &id)) <
            0)
        return -1;
    ret->value = (int64_t)id;
    return 0;
}

int
op_btrfs_subvolume_set_default(
    struct call *c, const struct api_btrfs_subvolume_set_default_args *args)
{
    const char *path = existing(c, args->fs);

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
    const char *path = existing(c, args->subvolume);

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

/* --- the mounted file system and its devices --- */

int
op_btrfs_filesystem_resize(
    struct call *c, const struct api_btrfs_filesystem_resize_args *args)
{
    const char *path = existing(c, args->mountpoint);

    return path ? run_tool(c, NULL, "btrfs", "filesystem", "resize",
                      args->has_size && args->size > 0
                          ? call_printf(c, "%lld", (long long)args->size)
                          : "max",
                      path, NULL)
                : -1;
}

int
op_btrfs_filesystem_sync(
    struct call *c, const struct api_btrfs_filesystem_sync_args *args)
{
    const char *path = existing(c, args->fs);

    return path ? run_tool(c, NULL, "btrfs", "filesystem", "sync", path, NULL)
                : -1;
}

int
op_btrfs_filesystem_defragment(
    struct call *c, const struct api_btrfs_filesystem_defragment_args *args)
{
    struct list argv = {0};
    const char *path = existing(c, args->path);

    if (!path)
        return -1;
    list_add_string(c, &argv, "btrfs");
    list_add_string(c, &argv, "filesystem");
    list_add_string(c, &argv, "defragment");
    list_add_string(c, &argv, "-r");
    if (args->flush)
        list_add_string(c, &argv, "-f");
    if (args->compress)
        list_add_string(c, &argv, call_printf(c, "-c%s", args->compress));
    list_add_string(c, &argv, path);
    return run_tool_argv(c, NULL, argv.items);
}

int
op_btrfs_filesystem_balance(
    struct call *c, const struct api_btrfs_filesystem_balance_args *args)
{
    const char *path = existing(c, args->fs);

    return path ? run_tool(c, NULL, "btrfs", "balance", "start",
                      "--full-balance", path, NULL)
                : -1;
}

/* Lines "    devid    1 size ... path /dev/sda" */
int
op_btrfs_filesystem_show(struct call *c,
    const struct api_btrfs_filesystem_show_args *args,
    struct api_btrfs_filesystem_show_ret *ret)
{
    struct list list = {0};
    char *out, *save = NULL;
    const char *device = device_check(c, args->device);

    if (!device ||
        run_tool(c, &out, "btrfs", "filesystem", "show", device, NULL) < 0)
        return -1;
    for (char *line = strtok_r(out, "\n", &save); line;
         line = strtok_r(NULL, "\n", &save)) {
        char *path = strstr(line, " path /dev/");

        if (strstr(line, "Some devices missing"))
            return call_error(
                c, ENODEV, "%s: some devices are missing", args->device);
        if (!path || !str_after(line + strspn(line, " \t"), "devid"))
            continue;
        path += strlen(" path ");
        path[strcspn(path, " ")] = '\0';
        char *name = block_kernel_name(c, path);
        if (!name)
            return -1;
        list_add_string(c, &list, device_name(c, name));
    }
    ret->value = list.items;
    ret->n_value = list.n;
    return 0;
}

static int
change_devices(struct call *c, const char *command, const char *const *devices,
    uint32_t n, const char *fs)
{
    struct list argv = {0};
    const char *path = existing(c, fs);

    if (!path)
        return -1;
    list_add_string(c, &argv, "btrfs");
    list_add_string(c, &argv, "device");
    list_add_string(c, &argv, command);
    if (str_equal(command, "add"))
        list_add_string(c, &argv, "-f");
    if (n == 0)
        return 0;
    if (add_devices(c, &argv, devices, n) < 0)
        return -1;
    list_add_string(c, &argv, path);
    return run_tool_argv(c, NULL, argv.items);
}

int
op_btrfs_device_add(
    struct call *c, const struct api_btrfs_device_add_args *args)
{
    return change_devices(c, "add", args->devices, args->n_devices, args->fs);
}

int
op_btrfs_device_delete(
    struct call *c, const struct api_btrfs_device_delete_args *args)
{
    return change_devices(
        c, "delete", args->devices, args->n_devices, args->fs);
}
