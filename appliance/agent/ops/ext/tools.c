/* SPDX-License-Identifier: GPL-2.0-or-later */
/* mke2fs and tune2fs, with every choice they have. */
#include <config.h>

#include <string.h>

#include "appliance/agent/call/memory.h"
#include "appliance/agent/program/arguments.h"
#include "appliance/agent/program/run.h"
#include "appliance/agent/storage/device.h"
#include "base/cleanup.h"
#include "base/strv.h"
#include "ops-ext.h"

/* "NAME=VALUE" more in a list with commas. */
static void
add_word(struct call *c, char **list, const char *word)
{
    *list = *list ? call_printf(c, "%s,%s", *list, word) : call_strdup(c, word);
}

static void
add_setting(
    struct call *c, char **list, bool has, const char *name, int64_t value)
{
    if (has)
        add_word(c, list, call_printf(c, "%s=%lld", name, (long long)value));
}

static void
add_feature(struct call *c, char **list, bool has, bool value, const char *name)
{
    if (has)
        add_word(c, list, call_printf(c, "%s%s", value ? "" : "^", name));
}

/* -E: extended options. */
static char *
extended_options(struct call *c, const struct api_mke2fs_args *a)
{
    char *list = NULL;

    add_setting(c, &list, a->has_mmpupdateinterval, "mmp_update_interval",
        a->mmpupdateinterval);
    add_setting(c, &list, a->has_stridesize, "stride", a->stridesize);
    add_setting(c, &list, a->has_stripewidth, "stripe_width", a->stripewidth);
    add_setting(c, &list, a->has_maxonlineresize, "resize", a->maxonlineresize);
    add_setting(
        c, &list, a->has_lazyitableinit, "lazy_itable_init", a->lazyitableinit);
    add_setting(c, &list, a->has_lazyjournalinit, "lazy_journal_init",
        a->lazyjournalinit);
    if (a->testfs)
        add_word(c, &list, "test_fs");
    if (a->has_discard)
        add_word(c, &list, a->discard ? "discard" : "nodiscard");
    if (a->has_quotatype)
        add_word(c, &list, a->quotatype ? "quotatype=usr" : "quotatype=grp");
    return list;
}

/* -O: features. */
static char *
features(struct call *c, const struct api_mke2fs_args *a)
{
    char *list = NULL;

    add_feature(c, &list, a->has_extent, a->extent, "extent");
    add_feature(c, &list, a->has_filetype, a->filetype, "filetype");
    add_feature(c, &list, a->has_flexbg, a->flexbg, "flex_bg");
    add_feature(c, &list, a->has_hasjournal, a->hasjournal, "has_journal");
    add_feature(c, &list, a->has_journaldev, a->journaldev, "journal_dev");
    add_feature(c, &list, a->has_largefile, a->largefile, "large_file");
    add_feature(c, &list, a->has_quota, a->quota, "quota");
    add_feature(c, &list, a->has_resizeinode, a->resizeinode, "resize_inode");
    add_feature(c, &list, a->has_sparsesuper, a->sparsesuper, "sparse_super");
    add_feature(c, &list, a->has_uninitbg, a->uninitbg, "uninit_bg");
    return list;
}

int
op_mke2fs(struct call *c, const struct api_mke2fs_args *a)
{
    struct list argv = {0};
    char *journal = NULL;
    const char *device = device_check(c, a->device);

    if (!device)
        return -1;
    list_add_string(c, &argv, "mke2fs");
    list_add_string(c, &argv, "-q");
    if (a->forcecreate)
        list_add_string(c, &argv, "-F");
    if (a->writesbandgrouponly)
        list_add_string(c, &argv, "-S");
    const struct {
        bool has;
        const char *option;
        int64_t value;
    } numbers[] = {
        {a->has_blocksize, "-b", a->blocksize},
        {a->has_fragsize, "-f", a->fragsize},
        {a->has_blockspergroup, "-g", a->blockspergroup},
        {a->has_numberofgroups, "-G", a->numberofgroups},
        {a->has_bytesperinode, "-i", a->bytesperinode},
        {a->has_inodesize, "-I", a->inodesize},
        {a->has_reservedblockspercentage, "-m", a->reservedblockspercentage},
        {a->has_numberofinodes, "-N", a->numberofinodes},
    };
    for (size_t i = 0; i < N_ELEMENTS(numbers); i++)
        add_number(
            c, &argv, numbers[i].option, numbers[i].has, numbers[i].value);
    add_setting(c, &journal, a->has_journalsize, "size", a->journalsize);
    if (a->journaldevice)
        add_word(c, &journal, call_printf(c, "device=%s", a->journaldevice));
    add_option(c, &argv, "-J", journal);
    add_option(c, &argv, "-L", a->label);
    add_option(c, &argv, "-M", a->lastmounteddir);
    add_option(c, &argv, "-o", a->creatoros);
    add_option(c, &argv, "-t", a->fstype);
    add_option(c, &argv, "-T", a->usagetype);
    add_option(c, &argv, "-U", a->uuid);
    add_option(c, &argv, "-E", extended_options(c, a));
    add_option(c, &argv, "-O", features(c, a));
    list_add_string(c, &argv, device);
    if (a->has_blockscount)
        list_add_string(
            c, &argv, call_printf(c, "%lld", (long long)a->blockscount));
    return run_tool_argv(c, NULL, argv.items);
}

int
op_tune2fs(struct call *c, const struct api_tune2fs_args *a)
{
    struct list argv = {0};
    const char *device = device_check(c, a->device);

    if (!device)
        return -1;
    list_add_string(c, &argv, "tune2fs");
    if (a->force)
        list_add_string(c, &argv, "-f");
    const struct {
        bool has;
        const char *option;
        int64_t value;
    } numbers[] = {
        {a->has_maxmountcount, "-c", a->maxmountcount},
        {a->has_mountcount, "-C", a->mountcount},
        {a->has_group, "-g", a->group},
        {a->has_reservedblockspercentage, "-m", a->reservedblockspercentage},
        {a->has_reservedblockscount, "-r", a->reservedblockscount},
        {a->has_user, "-u", a->user},
    };
    for (size_t i = 0; i < N_ELEMENTS(numbers); i++)
        add_number(
            c, &argv, numbers[i].option, numbers[i].has, numbers[i].value);
    if (a->has_intervalbetweenchecks) {
        list_add_string(c, &argv, "-i");
        list_add_string(c, &argv,
            a->intervalbetweenchecks > 0
                ? call_printf(c, "%ds", a->intervalbetweenchecks)
                : "0");
    }
    add_option(c, &argv, "-e", a->errorbehavior);
    add_option(c, &argv, "-M", a->lastmounteddirectory);
    list_add_string(c, &argv, device);
    return run_tool_argv(c, NULL, argv.items);
}

/* "Name of field:     value" */
int
op_tune2fs_l(struct call *c, const struct api_tune2fs_l_args *args,
    struct api_tune2fs_l_ret *ret)
{
    struct list list = {0};
    char *out, *save = NULL;
    const char *device = device_check(c, args->device);

    if (!device || run_tool(c, &out, "tune2fs", "-l", device, NULL) < 0)
        return -1;
    for (char *line = strtok_r(out, "\n", &save); line;
         line = strtok_r(NULL, "\n", &save)) {
        char *colon = strchr(line, ':');

        if (!colon || str_after(line, "tune2fs "))
            continue;
        *colon = '\0';
        char *value = colon + 1 + strspn(colon + 1, " \t");
        list_add_string(c, &list, line);
        list_add_string(c, &list,
            str_equal(value, "<none>") || str_equal(value, "(none)") ? ""
                                                                     : value);
    }
    ret->value = list.items;
    ret->n_value = list.n / 2;
    return 0;
}
