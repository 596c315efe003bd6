/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What only NTFS has. */
#include <config.h>

#include <errno.h>

#include "appliance/agent/call/call.h"
#include "appliance/agent/call/memory.h"
#include "appliance/agent/program/arguments.h"
#include "appliance/agent/program/run.h"
#include "appliance/agent/storage/device.h"
#include "ops-ntfs.h"

int
op_ntfsresize(struct call *c, const struct api_ntfsresize_args *args)
{
    struct list argv = {0};
    struct run_result r;
    const char *device = device_check(c, args->device);

    if (!device)
        return -1;
    list_add_string(c, &argv, "ntfsresize");
    list_add_string(c, &argv, "-P");
    if (args->has_size) {
        list_add_string(c, &argv, "--size");
        list_add_string(
            c, &argv, call_printf(c, "%lld", (long long)args->size));
    }
    if (args->force)
        list_add_string(c, &argv, "--force");
    list_add_string(c, &argv, device);
    struct run run = {
        .argv = argv.items, .input = "y\n", .input_size = 2, .merge = true};
    if (run_command(c, &run, &r) < 0)
        return -1;
    if (r.status != 0)
        return call_error(c, EIO, "ntfsresize %s: %s", args->device, r.output);
    return 0;
}

int
op_ntfsfix(struct call *c, const struct api_ntfsfix_args *args)
{
    const char *device = device_check(c, args->device);

    if (!device)
        return -1;
    return args->clearbadsectors
               ? run_tool(c, NULL, "ntfsfix", "-b", device, NULL)
               : run_tool(c, NULL, "ntfsfix", device, NULL);
}

int
op_ntfs_3g_probe(struct call *c, const struct api_ntfs_3g_probe_args *args,
    struct api_ntfs_3g_probe_ret *ret)
{
    struct run_result r;
    const char *device = device_check(c, args->device);

    if (!device)
        return -1;
    const char *argv[] = {
        "ntfs-3g.probe", args->rw ? "--readwrite" : "--readonly", device, NULL};
    struct run run = {.argv = argv};
    if (run_command(c, &run, &r) < 0)
        return -1;
    ret->value = r.status;
    return 0;
}

/* --- images of file systems --- */

static int
run_stream(struct call *c, const struct run *run)
{
    struct run_result r;

    if (run_command(c, run, &r) < 0)
        return -1;
    if (r.status != 0)
        return call_error(c, EIO, "%s: %s", run->argv[0], r.errors);
    return 0;
}

int
op_ntfsclone_out(struct call *c, const struct api_ntfsclone_out_args *args)
{
    struct list argv = {0};
    const char *device = device_check(c, args->device);

    if (!device)
        return -1;
    list_add_string(c, &argv, "ntfsclone");
    list_add_string(c, &argv, "-o");
    list_add_string(c, &argv, "-");
    list_add_string(c, &argv, "--save-image");
    add_flag(c, &argv, args->metadataonly, "--metadata");
    add_flag(c, &argv, args->rescue, "--rescue");
    add_flag(c, &argv, args->ignorefscheck, "--ignore-fs-check");
    add_flag(c, &argv, args->preservetimestamps, "--preserve-timestamps");
    add_flag(c, &argv, args->force, "--force");
    list_add_string(c, &argv, device);
    return run_stream(c, &(struct run){.argv = argv.items, .stream_out = true});
}

int
op_ntfsclone_in(struct call *c, const struct api_ntfsclone_in_args *args)
{
    const char *device = device_check(c, args->device);
    const char *argv[] = {
        "ntfsclone", "-O", device, "--restore-image", "-", NULL};

    return device
               ? run_stream(c, &(struct run){.argv = argv, .stream_in = true})
               : -1;
}

int
op_ntfscat_i(struct call *c, const struct api_ntfscat_i_args *args)
{
    const char *device = device_check(c, args->device);
    const char *argv[] = {"ntfscat", "-i",
        call_printf(c, "%lld", (long long)args->inode), device, NULL};

    return device
               ? run_stream(c, &(struct run){.argv = argv, .stream_out = true})
               : -1;
}
