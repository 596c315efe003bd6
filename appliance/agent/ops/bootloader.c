/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Boot loaders. */
#include <config.h>

#include "appliance/agent/call/memory.h"
#include "appliance/agent/program/arguments.h"
#include "appliance/agent/program/run.h"
#include "appliance/agent/storage/device.h"
#include "ops-bootloader.h"

int
op_extlinux(struct call *c, const struct api_extlinux_args *args)
{
    const char *directory = tool_path(c, args->directory);

    return directory
               ? run_tool(c, NULL, "extlinux", "--install", directory, NULL)
               : -1;
}

/* A device is no file of a user, which it would rather not touch. */
int
op_syslinux(struct call *c, const struct api_syslinux_args *args)
{
    struct list argv = {0};
    const char *device = device_check(c, args->device);

    if (!device)
        return -1;
    add_words(c, &argv, "syslinux", "--install", "--force", NULL);
    add_option(c, &argv, "--directory", args->directory);
    add_words(c, &argv, device, NULL);
    return run_tool_argv(c, NULL, argv.items);
}
