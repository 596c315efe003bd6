/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Swap areas. */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/swap.h>

#include "appliance/agent/call/call.h"
#include "appliance/agent/call/memory.h"
#include "appliance/agent/program/arguments.h"
#include "appliance/agent/program/run.h"
#include "appliance/agent/storage/device.h"
#include "ops-swap.h"

int
op_mkswap(struct call *c, const struct api_mkswap_args *args)
{
    struct list argv = {0};
    const char *device = device_check(c, args->device);

    if (!device)
        return -1;
    list_add_string(c, &argv, "mkswap");
    list_add_string(c, &argv, "-f");
    add_option(c, &argv, "-L", args->label);
    add_option(c, &argv, "-U", args->uuid);
    list_add_string(c, &argv, device);
    return run_tool_argv(c, NULL, argv.items);
}

int
op_mkswap_file(struct call *c, const struct api_mkswap_file_args *args)
{
    const char *path = tool_path(c, args->path);

    return path ? run_tool(c, NULL, "mkswap", "-f", path, NULL) : -1;
}

static int
start(struct call *c, const char *path, const char *name)
{
    if (path && swapon(path, 0) < 0)
        return call_fail(c, errno, "swapon %s", name);
    return path ? 0 : -1;
}

static int
stop(struct call *c, const char *path, const char *name)
{
    if (path && swapoff(path) < 0)
        return call_fail(c, errno, "swapoff %s", name);
    return path ? 0 : -1;
}

int
op_swapon_device(struct call *c, const struct api_swapon_device_args *args)
{
    return start(c, device_check(c, args->device), args->device);
}

int
op_swapoff_device(struct call *c, const struct api_swapoff_device_args *args)
{
    return stop(c, device_check(c, args->device), args->device);
}

int
op_swapon_file(struct call *c, const struct api_swapon_file_args *args)
{
    return start(c, tool_path(c, args->file), args->file);
}

int
op_swapoff_file(struct call *c, const struct api_swapoff_file_args *args)
{
    return stop(c, tool_path(c, args->file), args->file);
}

int
op_swapon_label(struct call *c, const struct api_swapon_label_args *args)
{
    return start(c, device_find(c, "LABEL", args->label), args->label);
}

int
op_swapoff_label(struct call *c, const struct api_swapoff_label_args *args)
{
    return stop(c, device_find(c, "LABEL", args->label), args->label);
}

int
op_swapon_uuid(struct call *c, const struct api_swapon_uuid_args *args)
{
    return start(c, device_find(c, "UUID", args->uuid), args->uuid);
}

int
op_swapoff_uuid(struct call *c, const struct api_swapoff_uuid_args *args)
{
    return stop(c, device_find(c, "UUID", args->uuid), args->uuid);
}
