/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Making, changing and removing volumes, groups and physical volumes.  What
 * lists them is in lvm_report.c.
 *
 * Every command gets the filter that the caller has set; it lives as long as
 * the appliance. */
#include <config.h>

#include "appliance/agent/ops/lvm/lvm.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "appliance/agent/call/call.h"
#include "appliance/agent/call/memory.h"
#include "appliance/agent/program/run.h"
#include "appliance/agent/storage/activate.h"
#include "appliance/agent/storage/device.h"
#include "appliance/agent/storage/names.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/file.h"
#include "ops-lvm.h"

enum { FILTER_MAX = 64 << 10, METADATA_MAX = 4 << 20 };

/* "devices{filter=[...]}", or empty. */
static char filter[FILTER_MAX];

int
lvm_run(struct call *c, char **ret_output, const struct list *arguments)
{
    struct list argv = {0};
    char **v = arguments->items;

    /* What is made now must not count as found with a new disk. */
    storage_activate(c);
    lvm_expect();
    list_add_string(c, &argv, "lvm");
    for (uint32_t i = 0; i < arguments->n; i++) {
        list_add_string(c, &argv, v[i]);
        /* Options come after the name of the command. */
        if (i == 0 && *filter) {
            list_add_string(c, &argv, "--config");
            list_add_string(c, &argv, filter);
        }
    }
    return run_tool_argv(c, ret_output, argv.items);
}

int
lvm_tool(struct call *c, char **ret_output, ...)
{
    struct list argv = {0};
    const char *word;
    va_list ap;

    va_start(ap, ret_output);
    while ((word = va_arg(ap, const char *)))
        list_add_string(c, &argv, word);
    va_end(ap);
    return lvm_run(c, ret_output, &argv);
}

/* What changes the set of volumes: their nodes must follow. */
static int
settled(struct call *c, int r)
{
    device_settle(c);
    return r;
}

/* --- physical volumes --- */

int
op_pvcreate(struct call *c, const struct api_pvcreate_args *args)
{
    const char *device = device_check(c, args->device);

    return device
               ? lvm_tool(c, NULL, "pvcreate", "--force", "--yes", device, NULL)
               : -1;
}

int
op_pvresize(struct call *c, const struct api_pvresize_args *args)
{
    const char *device = device_check(c, args->device);

    return device ? lvm_tool(c, NULL, "pvresize", device, NULL) : -1;
}

int
op_pvresize_size(struct call *c, const struct api_pvresize_size_args *args)
{
    const char *device = device_check(c, args->device);

    return device ? lvm_tool(c, NULL, "pvresize", "--yes",
                        "--setphysicalvolumesize",
                        call_printf(c, "%lldb", (long long)args->size), device,
                        NULL)
                  : -1;
}

int
op_pvremove(struct call *c, const struct api_pvremove_args *args)
{
    const char *device = device_check(c, args->device);

    return device ? lvm_tool(c, NULL, "pvremove", "--force", "--force", "--yes",
                        device, NULL)
                  : -1;
}

int
op_pvchange_uuid(struct call *c, const struct api_pvchange_uuid_args *args)
{
    const char *device = device_check(c, args->device);

    return device ? lvm_tool(c, NULL, "pvchange", "-u", device, NULL) : -1;
}

int
op_pvchange_uuid_all(
    struct call *c, const struct api_pvchange_uuid_all_args *args)
{
    (void)args;
    return lvm_tool(c, NULL, "pvchange", "-u", "-a", NULL);
}

/* --- volume groups --- */

int
op_vgcreate(struct call *c, const struct api_vgcreate_args *args)
{
    struct list argv = {0};

    if (args->n_physvols == 0)
        return call_error(c, EINVAL, "vgcreate: no physical volumes given");
    list_add_string(c, &argv, "vgcreate");
    list_add_string(c, &argv, "--yes");
    list_add_string(c, &argv, args->volgroup);
    for (uint32_t i = 0; i < args->n_physvols; i++) {
        const char *device = device_check(c, args->physvols[i]);

        if (!device)
            return -1;
        list_add_string(c, &argv, device);
    }
    return lvm_run(c, NULL, &argv);
}

int
op_vgremove(struct call *c, const struct api_vgremove_args *args)
{
    return settled(
        c, lvm_tool(c, NULL, "vgremove", "--force", args->vgname, NULL));
}

int
op_vgrename(struct call *c, const struct api_vgrename_args *args)
{
    return settled(c,
        lvm_tool(c, NULL, "vgrename", args->volgroup, args->newvolgroup, NULL));
}

int
op_vgmeta(struct call *c, const struct api_vgmeta_args *args,
    struct api_vgmeta_ret *ret)
{
    char path[] = "/tmp/vgmeta.XXXXXX";
    size_t size = 0;
    cleanup_error struct error err = {0};
    cleanup_close int fd = mkstemp(path);

    if (fd < 0)
        return call_fail(c, errno, "%s", path);
    int r =
        lvm_tool(c, NULL, "vgcfgbackup", "--file", path, args->vgname, NULL);
    cleanup_free char *text =
        r < 0 ? NULL : read_file(path, METADATA_MAX, &size, &err);
    unlink(path);
    if (r < 0)
        return -1;
    if (!text)
        return call_error(c, EIO, "%s", error_text(&err));
    uint8_t *copy = call_alloc(c, size + 1);
    memcpy(copy, text, size);
    ret->value = copy;
    ret->n_value = (uint32_t)size;
    return 0;
}

int
op_vgchange_uuid(struct call *c, const struct api_vgchange_uuid_args *args)
{
    return lvm_tool(c, NULL, "vgchange", "-u", args->vg, NULL);
}

int
op_vgchange_uuid_all(
    struct call *c, const struct api_vgchange_uuid_all_args *args)
{
    (void)args;
    return lvm_tool(c, NULL, "vgchange", "-u", NULL);
}

int
op_vg_activate(struct call *c, const struct api_vg_activate_args *args)
{
    struct list argv = {0};

    list_add_string(c, &argv, "vgchange");
    list_add_string(c, &argv, "-a");
    list_add_string(c, &argv, args->activate ? "y" : "n");
    for (uint32_t i = 0; i < args->n_volgroups; i++)
        list_add_string(c, &argv, args->volgroups[i]);
    return settled(c, lvm_run(c, NULL, &argv));
}

int
op_vg_activate_all(struct call *c, const struct api_vg_activate_all_args *args)
{
    return settled(c,
        lvm_tool(c, NULL, "vgchange", "-a", args->activate ? "y" : "n", NULL));
}

/* --- logical volumes --- */

int
op_lvcreate(struct call *c, const struct api_lvcreate_args *args)
{
    return settled(c, lvm_tool(c, NULL, "lvcreate", "--yes", "-L",
                          call_printf(c, "%dm", args->mbytes), "-n",
                          args->logvol, args->volgroup, NULL));
}

int
op_lvcreate_free(struct call *c, const struct api_lvcreate_free_args *args)
{
    return settled(c, lvm_tool(c, NULL, "lvcreate", "--yes", "-l",
                          call_printf(c, "%d%%FREE", args->percent), "-n",
                          args->logvol, args->volgroup, NULL));
}

/* The device of a volume in the form that lvm takes. */
int
op_lvremove(struct call *c, const struct api_lvremove_args *args)
{
    return settled(c, lvm_tool(c, NULL, "lvremove", "-f", args->device, NULL));
}

int
op_lvresize(struct call *c, const struct api_lvresize_args *args)
{
    return lvm_tool(c, NULL, "lvresize", "--force", "-L",
        call_printf(c, "%dm", args->mbytes), args->device, NULL);
}

int
op_lvresize_free(struct call *c, const struct api_lvresize_free_args *args)
{
    return lvm_tool(c, NULL, "lvresize", "-l",
        call_printf(c, "+%d%%FREE", args->percent), args->lv, NULL);
}

int
op_lvrename(struct call *c, const struct api_lvrename_args *args)
{
    return settled(
        c, lvm_tool(c, NULL, "lvrename", args->logvol, args->newlogvol, NULL));
}

/* --- everything --- */

int
op_lvm_scan(struct call *c, const struct api_lvm_scan_args *args)
{
    storage_activate(c);
    if (!args->activate)
        return 0;
    return settled(
        c, lvm_tool(c, NULL, "vgchange", "-a", "y", "--sysinit", NULL));
}

static int
remove_each(struct call *c, const char *list, const char *field,
    const char *const *command)
{
    char *out, *save = NULL;

    if (lvm_tool(c, &out, list, "--noheadings", "-o", field, NULL) < 0)
        return -1;
    for (char *name = strtok_r(out, " \n", &save); name;
         name = strtok_r(NULL, " \n", &save)) {
        struct list argv = {0};

        for (size_t i = 0; command[i]; i++)
            list_add_string(c, &argv, command[i]);
        list_add_string(c, &argv, name);
        if (lvm_run(c, NULL, &argv) < 0)
            return -1;
    }
    return 0;
}

int
op_lvm_remove_all(struct call *c, const struct api_lvm_remove_all_args *args)
{
    (void)args;
    storage_activate(c);
    if (remove_each(c, "vgs", "vg_name",
            (const char *const[]){"vgremove", "--force", NULL}) < 0 ||
        remove_each(c, "pvs", "pv_name",
            (const char *const[]){"pvremove", "--force", "--yes", NULL}) < 0)
        return -1;
    return settled(c, 0);
}

/* --- the filter --- */

/* "a|^/dev/sda$|","a|^/dev/sda[0-9]+$|" for each, then nothing else. */
static int
build_filter(
    struct call *c, const struct api_lvm_set_filter_args *args, char **ret)
{
    char *text = call_strdup(c, "");

    for (uint32_t i = 0; i < args->n_devices; i++) {
        const char *device = device_check(c, args->devices[i]);

        if (!device)
            return -1;
        if (strpbrk(device, "|\"\\[]"))
            return call_error(c, EINVAL, "%s: not usable in a filter", device);
        text = call_printf(
            c, "%s\"a|^%s$|\",\"a|^%sp?[0-9]+$|\",", text, device, device);
    }
    *ret = call_printf(c, "devices{filter=[%s\"r|.*|\"]}", text);
    if (strlen(*ret) >= FILTER_MAX)
        return call_error(c, E2BIG, "too many devices in the filter");
    return 0;
}

/* A new filter: what is active may not be seen by it any more. */
static int
use_filter(struct call *c, const char *text)
{
    if (lvm_tool(c, NULL, "vgchange", "-a", "n", NULL) < 0)
        return -1;
    snprintf(filter, sizeof filter, "%s", text);
    return settled(
        c, lvm_tool(c, NULL, "vgchange", "-a", "y", "--sysinit", NULL));
}

int
op_lvm_set_filter(struct call *c, const struct api_lvm_set_filter_args *args)
{
    char *text = NULL;

    storage_activate(c);
    if (build_filter(c, args, &text) < 0)
        return -1;
    return use_filter(c, text);
}

int
op_lvm_clear_filter(
    struct call *c, const struct api_lvm_clear_filter_args *args)
{
    (void)args;
    storage_activate(c);
    return use_filter(c, "");
}
