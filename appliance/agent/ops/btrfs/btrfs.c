/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What only btrfs has. */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "appliance/agent/call/call.h"
#include "appliance/agent/call/memory.h"
#include "appliance/agent/program/arguments.h"
#include "appliance/agent/program/run.h"
#include "appliance/agent/storage/blocks.h"
#include "appliance/agent/storage/device.h"
#include "appliance/agent/storage/names.h"
#include "base/strv.h"
#include "ops-btrfs.h"

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
    const char *path = tool_path(c, args->path);

    return path ? run_tool(c, NULL, "btrfs", "scrub", "start", "-B",
                      args->readonly ? "-r" : path,
                      args->readonly ? path : NULL, NULL)
                : -1;
}

/* --- the mounted file system and its devices --- */

int
op_btrfs_filesystem_resize(
    struct call *c, const struct api_btrfs_filesystem_resize_args *args)
{
    const char *path = tool_path(c, args->mountpoint);

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
    const char *path = tool_path(c, args->fs);

    return path ? run_tool(c, NULL, "btrfs", "filesystem", "sync", path, NULL)
                : -1;
}

int
op_btrfs_filesystem_defragment(
    struct call *c, const struct api_btrfs_filesystem_defragment_args *args)
{
    struct list argv = {0};
    const char *path = tool_path(c, args->path);

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
    const char *path = tool_path(c, args->fs);

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
    const char *path = tool_path(c, fs);

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
