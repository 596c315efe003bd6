/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Linux software RAID. */
#include <config.h>

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "appliance/agent/call/call.h"
#include "appliance/agent/call/memory.h"
#include "appliance/agent/program/arguments.h"
#include "appliance/agent/program/run.h"
#include "appliance/agent/storage/activate.h"
#include "appliance/agent/storage/blocks.h"
#include "appliance/agent/storage/device.h"
#include "appliance/agent/storage/names.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/file.h"
#include "base/strv.h"
#include "ops-md.h"

enum { MDSTAT_MAX = 1 << 20 };

int
op_list_md_devices(struct call *c, const struct api_list_md_devices_args *args,
    struct api_list_md_devices_ret *ret)
{
    struct list list = {0};

    (void)args;
    storage_activate(c);
    block_arrays(c, &list);
    ret->value = list.items;
    ret->n_value = list.n;
    return 0;
}

static int
check_create(
    struct call *c, const struct api_md_create_args *a, uint32_t *ret_missing)
{
    uint64_t bits = a->has_missingbitmap ? (uint64_t)a->missingbitmap : 0;
    uint32_t missing = (uint32_t)__builtin_popcountll(bits);
    uint32_t places = a->n_devices + missing;

    if (a->n_devices == 0)
        return call_error(c, EINVAL, "md_create: no devices given");
    if (places < 64 && bits >> places)
        return call_error(c, EINVAL,
            "md_create: missingbitmap names a place beyond the last");
    if (a->has_nrdevices && a->has_spare &&
        (uint32_t)a->nrdevices + (uint32_t)a->spare != places)
        return call_error(c, EINVAL,
            "md_create: %u places, but nrdevices and spare make %d", places,
            a->nrdevices + a->spare);
    *ret_missing = missing;
    return 0;
}

int
op_md_create(struct call *c, const struct api_md_create_args *a)
{
    struct list argv = {0};
    uint32_t missing = 0, at = 0;

    if (check_create(c, a, &missing) < 0)
        return -1;
    /* What is made now must not count as found with a new disk. */
    storage_activate(c);
    int64_t spare = a->has_spare ? a->spare : 0;
    int64_t active = a->has_nrdevices ? a->nrdevices
                                      : (int64_t)a->n_devices + missing - spare;
    list_add_string(c, &argv, "mdadm");
    list_add_string(c, &argv, "--create");
    list_add_string(c, &argv, "--run");
    list_add_string(c, &argv,
        strchr(a->name, '/') ? a->name : call_printf(c, "/dev/md/%s", a->name));
    list_add_string(c, &argv, "--level");
    list_add_string(c, &argv, a->level ? a->level : "raid1");
    add_number(c, &argv, "--raid-devices", true, active);
    add_number(c, &argv, "--spare-devices", spare > 0, spare);
    add_number(c, &argv, "--chunk", a->has_chunk, a->chunk / 1024);
    for (uint32_t place = 0; place < a->n_devices + missing; place++) {
        if (place < 64 && a->has_missingbitmap &&
            (uint64_t)a->missingbitmap >> place & 1) {
            list_add_string(c, &argv, "missing");
            continue;
        }
        const char *device = device_check(c, a->devices[at++]);
        if (!device)
            return -1;
        list_add_string(c, &argv, device);
    }
    if (run_tool_argv(c, NULL, argv.items) < 0)
        return -1;
    device_settle(c);
    return 0;
}

int
op_md_stop(struct call *c, const struct api_md_stop_args *args)
{
    storage_activate(c);
    const char *device = device_check(c, args->md);
    if (!device || run_tool(c, NULL, "mdadm", "--stop", device, NULL) < 0)
        return -1;
    device_settle(c);
    return 0;
}

/* MD_NAME=value; the key is the name in small letters without MD_. */
int
op_md_detail(struct call *c, const struct api_md_detail_args *args,
    struct api_md_detail_ret *ret)
{
    struct list list = {0};
    char *out, *save = NULL;
    const char *device = device_check(c, args->md);

    if (!device ||
        run_tool(c, &out, "mdadm", "-D", "--export", device, NULL) < 0)
        return -1;
    for (char *line = strtok_r(out, "\n", &save); line;
         line = strtok_r(NULL, "\n", &save)) {
        char *value = strchr(line, '=');

        if (!value || !str_after(line, "MD_"))
            continue;
        *value++ = '\0';
        line += strlen("MD_");
        for (char *p = line; *p; p++)
            *p = (char)tolower((unsigned char)*p);
        list_add_string(c, &list, line);
        list_add_string(c, &list, value);
    }
    ret->value = list.items;
    ret->n_value = list.n / 2;
    return 0;
}

/* A member in /proc/mdstat: "sda1[0](S)". */
static bool
take_member(struct call *c, char *word, struct list *ret)
{
    char *index = strchr(word, '['), *close = index ? strchr(index, ']') : 0;

    if (!close)
        return false;
    *index++ = '\0';
    *close++ = '\0';
    char *flags = call_alloc(c, strlen(close) + 1), *out = flags;
    for (const char *p = close; *p; p++)
        if (isupper((unsigned char)*p))
            *out++ = *p;
    *list_add(c, ret, struct mayfly_mdstat) = (struct mayfly_mdstat){
        .mdstat_device = device_name(c, word),
        .mdstat_index = atoi(index),
        .mdstat_flags = flags,
    };
    return true;
}

/* "md127 : active raid1 sdb[1] sda[0]" */
int
op_md_stat(struct call *c, const struct api_md_stat_args *args,
    struct api_md_stat_ret *ret)
{
    struct list list = {0};
    cleanup_error struct error err = {0};
    const char *device = device_check(c, args->md);
    char *name = device ? block_kernel_name(c, device) : NULL;
    char *lines = NULL, *words = NULL;

    if (!name)
        return -1;
    cleanup_free char *text = read_file("/proc/mdstat", MDSTAT_MAX, NULL, &err);
    if (!text)
        return call_error(c, EIO, "%s", error_text(&err));
    for (char *line = strtok_r(call_strdup(c, text), "\n", &lines); line;
         line = strtok_r(NULL, "\n", &lines)) {
        char *word = strtok_r(line, " ", &words);

        if (!word || !str_equal(word, name))
            continue;
        while ((word = strtok_r(NULL, " ", &words)))
            take_member(c, word, &list);
        ret->value = list.items;
        ret->n_value = list.n;
        return 0;
    }
    return call_error(c, ENOENT, "%s: not a running array", args->md);
}
