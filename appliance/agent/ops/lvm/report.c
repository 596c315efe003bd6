/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What LVM has: lists and properties, from lvm's own reports. */
#include <config.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "appliance/agent/call/call.h"
#include "appliance/agent/call/memory.h"
#include "appliance/agent/ops/lvm/lvm.h"
#include "appliance/agent/storage/activate.h"
#include "appliance/agent/storage/blocks.h"
#include "appliance/agent/storage/device.h"
#include "appliance/agent/storage/names.h"
#include "base/cleanup.h"
#include "base/strv.h"
#include "ops-lvm.h"

/* Between two fields of a report; in no name, tag or path. */
#define SEPARATOR "\x1f"

/* Run REPORT ("pvs") for these fields (commas between) of all, or of one
 * THING.  Rows are arrays of strings. */
static int
report(struct call *c, const char *command, const char *fields,
    const char *thing, struct list *ret)
{
    struct list argv = {0};
    char *out, *save = NULL;
    const char *const options[] = {command, "--noheadings", "--unbuffered",
        "--nosuffix", "--units", "b", "--separator", SEPARATOR, "-o", fields};
    size_t columns = 1;

    storage_activate(c);
    for (size_t i = 0; i < N_ELEMENTS(options); i++)
        list_add_string(c, &argv, options[i]);
    if (thing)
        list_add_string(c, &argv, thing);
    if (lvm_run(c, &out, &argv) < 0)
        return -1;
    for (const char *p = fields; *p; p++)
        columns += *p == ',';
    for (char *line = strtok_r(out, "\n", &save); line;
         line = strtok_r(NULL, "\n", &save)) {
        const char **row = call_alloc(c, columns * sizeof *row);
        size_t n = 0;

        line += strspn(line, " ");
        for (char *field = line; field && n < columns; n++) {
            char *end = strstr(field, SEPARATOR);

            if (end)
                *end++ = '\0';
            row[n] = field;
            field = end;
        }
        if (n != columns)
            return call_error(
                c, EIO, "lvm %s: unexpected output '%s'", command, line);
        *list_add(c, ret, const char **) = row;
    }
    return 0;
}

/* --- fields --- */

static uint64_t
size_of(const char *text)
{
    return strtoull(text, NULL, 10);
}

static int64_t
number_of(const char *text)
{
    return *text ? strtoll(text, NULL, 10) : -1;
}

/* Hundredths of a percent. */
static int32_t
percent_of(const char *text)
{
    return *text ? (int32_t)(strtod(text, NULL) * 100 + 0.5) : -1;
}

static char *
without_dashes(struct call *c, const char *uuid)
{
    char *copy = call_strdup(c, uuid), *out = copy;

    for (const char *p = uuid; *p; p++)
        if (*p != '-')
            *out++ = *p;
    *out = '\0';
    return copy;
}

/* The one field of every row. */
static int
report_names(struct call *c, const char *command, const char *field,
    const char *thing, struct list *ret)
{
    struct list rows = {0};

    if (report(c, command, field, thing, &rows) < 0)
        return -1;
    const char ***row = rows.items;
    for (uint32_t i = 0; i < rows.n; i++)
        if (*row[i][0])
            list_add_string(c, ret, row[i][0]);
    return 0;
}

static int
report_one(struct call *c, const char *command, const char *field,
    const char *thing, const char **ret)
{
    struct list names = {0};

    if (report_names(c, command, field, thing, &names) < 0)
        return -1;
    if (names.n == 0)
        return call_error(c, ENOENT, "%s: not found by lvm", thing);
    *ret = ((char **)names.items)[0];
    return 0;
}

/* --- lists --- */

int
op_pvs(struct call *c, const struct api_pvs_args *args, struct api_pvs_ret *ret)
{
    struct list list = {0};

    (void)args;
    if (report_names(c, "pvs", "pv_name", NULL, &list) < 0)
        return -1;
    list_sort_strings(&list);
    ret->value = list.items;
    ret->n_value = list.n;
    return 0;
}

int
op_vgs(struct call *c, const struct api_vgs_args *args, struct api_vgs_ret *ret)
{
    struct list list = {0};

    (void)args;
    if (report_names(c, "vgs", "vg_name", NULL, &list) < 0)
        return -1;
    list_sort_strings(&list);
    ret->value = list.items;
    ret->n_value = list.n;
    return 0;
}

/* Also those that are not active, but not pools and the like, which hold
 * nothing by themselves. */
int
op_lvs(struct call *c, const struct api_lvs_args *args, struct api_lvs_ret *ret)
{
    struct list argv = {0}, list = {0};
    char *out, *save = NULL;
    const char *const words[] = {"lvs", "--noheadings", "--separator", "/",
        "-o", "vg_name,lv_name", "-S",
        "lv_role=public && lv_skip_activation!=yes"};

    (void)args;
    storage_activate(c);
    if (!lvm_expected())
        return 0;
    for (size_t i = 0; i < N_ELEMENTS(words); i++)
        list_add_string(c, &argv, words[i]);
    if (lvm_run(c, &out, &argv) < 0)
        return -1;
    for (char *name = strtok_r(out, " \n", &save); name;
         name = strtok_r(NULL, " \n", &save))
        list_add_string(c, &list, call_printf(c, "/dev/%s", name));
    list_sort_strings(&list);
    ret->value = list.items;
    ret->n_value = list.n;
    return 0;
}

int
op_pvs_full(struct call *c, const struct api_pvs_full_args *args,
    struct api_pvs_full_ret *ret)
{
    struct list rows = {0}, list = {0};

    (void)args;
    if (report(c, "pvs",
            "pv_name,pv_uuid,pv_fmt,pv_size,dev_size,pv_free,pv_used,"
            "pv_attr,pv_pe_count,pv_pe_alloc_count,pv_tags,pe_start,"
            "pv_mda_count,pv_mda_free",
            NULL, &rows) < 0)
        return -1;
    const char ***row = rows.items;
    for (uint32_t i = 0; i < rows.n; i++) {
        const char **f = row[i];

        *list_add(c, &list, struct mayfly_lvm_pv) = (struct mayfly_lvm_pv){
            .pv_name = call_strdup(c, f[0]),
            .pv_uuid = without_dashes(c, f[1]),
            .pv_fmt = call_strdup(c, f[2]),
            .pv_size = size_of(f[3]),
            .dev_size = size_of(f[4]),
            .pv_free = size_of(f[5]),
            .pv_used = size_of(f[6]),
            .pv_attr = call_strdup(c, f[7]),
            .pv_pe_count = number_of(f[8]),
            .pv_pe_alloc_count = number_of(f[9]),
            .pv_tags = call_strdup(c, f[10]),
            .pe_start = size_of(f[11]),
            .pv_mda_count = number_of(f[12]),
            .pv_mda_free = size_of(f[13]),
        };
    }
    ret->value = list.items;
    ret->n_value = list.n;
    return 0;
}

int
op_vgs_full(struct call *c, const struct api_vgs_full_args *args,
    struct api_vgs_full_ret *ret)
{
    struct list rows = {0}, list = {0};

    (void)args;
    if (report(c, "vgs",
            "vg_name,vg_uuid,vg_fmt,vg_attr,vg_size,vg_free,vg_sysid,"
            "vg_extent_size,vg_extent_count,vg_free_count,max_lv,max_pv,"
            "pv_count,lv_count,snap_count,vg_seqno,vg_tags,vg_mda_count,"
            "vg_mda_free",
            NULL, &rows) < 0)
        return -1;
    const char ***row = rows.items;
    for (uint32_t i = 0; i < rows.n; i++) {
        const char **f = row[i];

        *list_add(c, &list, struct mayfly_lvm_vg) = (struct mayfly_lvm_vg){
            .vg_name = call_strdup(c, f[0]),
            .vg_uuid = without_dashes(c, f[1]),
            .vg_fmt = call_strdup(c, f[2]),
            .vg_attr = call_strdup(c, f[3]),
            .vg_size = size_of(f[4]),
            .vg_free = size_of(f[5]),
            .vg_sysid = call_strdup(c, f[6]),
            .vg_extent_size = size_of(f[7]),
            .vg_extent_count = number_of(f[8]),
            .vg_free_count = number_of(f[9]),
            .max_lv = number_of(f[10]),
            .max_pv = number_of(f[11]),
            .pv_count = number_of(f[12]),
            .lv_count = number_of(f[13]),
            .snap_count = number_of(f[14]),
            .vg_seqno = number_of(f[15]),
            .vg_tags = call_strdup(c, f[16]),
            .vg_mda_count = number_of(f[17]),
            .vg_mda_free = size_of(f[18]),
        };
    }
    ret->value = list.items;
    ret->n_value = list.n;
    return 0;
}

int
op_lvs_full(struct call *c, const struct api_lvs_full_args *args,
    struct api_lvs_full_ret *ret)
{
    struct list rows = {0}, list = {0};

    (void)args;
    if (report(c, "lvs",
            "lv_name,lv_uuid,lv_attr,lv_major,lv_minor,lv_kernel_major,"
            "lv_kernel_minor,lv_size,seg_count,origin,snap_percent,"
            "copy_percent,move_pv,lv_tags,mirror_log,modules",
            NULL, &rows) < 0)
        return -1;
    const char ***row = rows.items;
    for (uint32_t i = 0; i < rows.n; i++) {
        const char **f = row[i];

        *list_add(c, &list, struct mayfly_lvm_lv) = (struct mayfly_lvm_lv){
            .lv_name = call_strdup(c, f[0]),
            .lv_uuid = without_dashes(c, f[1]),
            .lv_attr = call_strdup(c, f[2]),
            .lv_major = number_of(f[3]),
            .lv_minor = number_of(f[4]),
            .lv_kernel_major = number_of(f[5]),
            .lv_kernel_minor = number_of(f[6]),
            .lv_size = size_of(f[7]),
            .seg_count = number_of(f[8]),
            .origin = call_strdup(c, f[9]),
            .snap_percent = percent_of(f[10]),
            .copy_percent = percent_of(f[11]),
            .move_pv = call_strdup(c, f[12]),
            .lv_tags = call_strdup(c, f[13]),
            .mirror_log = call_strdup(c, f[14]),
            .modules = call_strdup(c, f[15]),
        };
    }
    ret->value = list.items;
    ret->n_value = list.n;
    return 0;
}

/* --- UUIDs --- */

int
op_pvuuid(struct call *c, const struct api_pvuuid_args *args,
    struct api_pvuuid_ret *ret)
{
    const char *device = device_check(c, args->device);

    return device ? report_one(c, "pvs", "pv_uuid", device, &ret->value) : -1;
}

int
op_vguuid(struct call *c, const struct api_vguuid_args *args,
    struct api_vguuid_ret *ret)
{
    return report_one(c, "vgs", "vg_uuid", args->vgname, &ret->value);
}

int
op_lvuuid(struct call *c, const struct api_lvuuid_args *args,
    struct api_lvuuid_ret *ret)
{
    const char *device = device_check(c, args->device);

    return device ? report_one(c, "lvs", "lv_uuid", device, &ret->value) : -1;
}

int
op_vgpvuuids(struct call *c, const struct api_vgpvuuids_args *args,
    struct api_vgpvuuids_ret *ret)
{
    struct list list = {0};

    if (report_names(c, "vgs", "pv_uuid", args->vgname, &list) < 0)
        return -1;
    ret->value = list.items;
    ret->n_value = list.n;
    return 0;
}

int
op_vglvuuids(struct call *c, const struct api_vglvuuids_args *args,
    struct api_vglvuuids_ret *ret)
{
    struct list list = {0};

    if (report_names(c, "vgs", "lv_uuid", args->vgname, &list) < 0)
        return -1;
    ret->value = list.items;
    ret->n_value = list.n;
    return 0;
}

/* --- names --- */

static bool
is_volume(struct call *c, const char *device)
{
    char *name = block_kernel_name(c, device);

    return name && str_after(block_attribute(c, name, "dm/uuid"), "LVM-");
}

int
op_is_lv(struct call *c, const struct api_is_lv_args *args,
    struct api_is_lv_ret *ret)
{
    const char *device, *subvolume;

    if (mountable_split(c, args->mountable, &device, &subvolume) < 0)
        return -1;
    ret->value = !subvolume && is_volume(c, device);
    return 0;
}

int
op_lvm_canonical_lv_name(struct call *c,
    const struct api_lvm_canonical_lv_name_args *args,
    struct api_lvm_canonical_lv_name_ret *ret)
{
    const char *device = device_check(c, args->lvname);

    if (!device)
        return -1;
    if (!is_volume(c, device))
        return call_error(c, EINVAL, "%s: not a logical volume", args->lvname);
    ret->value = device_name(c, block_kernel_name(c, device));
    return 0;
}
