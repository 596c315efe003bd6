/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sfdisk by its command line. */
#include <config.h>

#include <errno.h>
#include <string.h>

#include "appliance/agent/call/call.h"
#include "appliance/agent/call/memory.h"
#include "appliance/agent/program/arguments.h"
#include "appliance/agent/program/run.h"
#include "appliance/agent/storage/device.h"
#include "ops-sfdisk.h"

static int
feed(struct call *c, const char *device, int number, const char *input)
{
    struct list argv = {0};
    struct run run = {.input = input, .input_size = strlen(input)};
    struct run_result r;
    const char *real = device_check(c, device);

    if (!real)
        return -1;
    add_words(c, &argv, "sfdisk", NULL);
    add_number(c, &argv, "--partno", number > 0, number);
    add_words(c, &argv, real, NULL);
    run.argv = argv.items;
    if (run_command(c, &run, &r) < 0)
        return -1;
    if (r.status != 0)
        return call_error(c, EIO, "sfdisk %s: %s", device, r.errors);
    return 0;
}

static int
feed_lines(
    struct call *c, const char *device, const char *const *lines, uint32_t n)
{
    size_t size = 1;
    char *input, *end;

    for (uint32_t i = 0; i < n; i++)
        size += strlen(lines[i]) + 1;
    input = end = call_alloc(c, size);
    for (uint32_t i = 0; i < n; i++)
        end = stpcpy(stpcpy(end, lines[i]), "\n");
    return feed(c, device, 0, input);
}

int
op_sfdisk(struct call *c, const struct api_sfdisk_args *args)
{
    return feed_lines(c, args->device, args->lines, args->n_lines);
}

int
op_sfdiskM(struct call *c, const struct api_sfdiskM_args *args)
{
    return feed_lines(c, args->device, args->lines, args->n_lines);
}

int
op_sfdisk_N(struct call *c, const struct api_sfdisk_N_args *args)
{
    return feed(
        c, args->device, args->partnum, call_printf(c, "%s\n", args->line));
}

static int
print_table(
    struct call *c, const char *device, const char *what, const char **ret)
{
    const char *real = device_check(c, device);
    char *text;

    if (!real || run_tool(c, &text, "sfdisk", what, real, NULL) < 0)
        return -1;
    *ret = text;
    return 0;
}

int
op_sfdisk_l(struct call *c, const struct api_sfdisk_l_args *args,
    struct api_sfdisk_l_ret *ret)
{
    return print_table(c, args->device, "-l", &ret->value);
}

int
op_sfdisk_kernel_geometry(struct call *c,
    const struct api_sfdisk_kernel_geometry_args *args,
    struct api_sfdisk_kernel_geometry_ret *ret)
{
    return print_table(c, args->device, "-g", &ret->value);
}

int
op_sfdisk_disk_geometry(struct call *c,
    const struct api_sfdisk_disk_geometry_args *args,
    struct api_sfdisk_disk_geometry_ret *ret)
{
    return print_table(c, args->device, "-g", &ret->value);
}
