/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What only xfs has. */
#include <config.h>

#include <string.h>

#include "appliance/agent/call/memory.h"
#include "appliance/agent/program/arguments.h"
#include "appliance/agent/program/run.h"
#include "appliance/agent/storage/device.h"
#include "appliance/agent/storage/file_or_device.h"
#include "base/cleanup.h"
#include "base/strv.h"
#include "ops-xfs.h"

int
op_xfs_growfs(struct call *c, const struct api_xfs_growfs_args *a)
{
    struct list argv = {0};
    const char *path = file_or_device_path(c, a->path);

    if (!path)
        return -1;
    list_add_string(c, &argv, "xfs_growfs");
    add_flag(c, &argv, a->datasec, "-d");
    add_flag(c, &argv, a->logsec, "-l");
    add_flag(c, &argv, a->rtsec, "-r");
    add_number(c, &argv, "-D", a->has_datasize, a->datasize);
    add_number(c, &argv, "-L", a->has_logsize, a->logsize);
    add_number(c, &argv, "-R", a->has_rtsize, a->rtsize);
    add_number(c, &argv, "-e", a->has_rtextsize, a->rtextsize);
    add_number(c, &argv, "-m", a->has_maxpct, a->maxpct);
    list_add_string(c, &argv, path);
    return run_tool_argv(c, NULL, argv.items);
}

/* Lines "section =value key=number, key=number blks"; one that begins with a
 * blank goes on with the section above. */
static void
take_info(struct call *c, char *line, const char **section, struct list *ret)
{
    char *words = NULL, *equal = strchr(line, '=');

    if (!equal)
        return;
    *equal++ = '\0';
    line[strcspn(line, " \t")] = '\0';
    if (*line) {
        *section = call_strdup(c, line);
        /* What comes right after the "=", up to the first key. */
        if (*equal != ' ' && *equal) {
            char *value = call_strdup(c, equal), *key = strchr(value, '=');

            while (key && key > value && key[-1] != ' ')
                key--;
            if (key)
                *key = '\0';
            size_t n = strlen(value);
            while (n > 0 && value[n - 1] == ' ')
                value[--n] = '\0';
            list_add_string(c, ret, *section);
            list_add_string(c, ret, value);
        }
    }
    for (char *word = strtok_r(equal, " ,", &words); word;
         word = strtok_r(NULL, " ,", &words)) {
        char *value = strchr(word, '=');

        if (!value)
            continue;
        *value++ = '\0';
        list_add_string(c, ret, call_printf(c, "%s.%s", *section, word));
        list_add_string(c, ret, value);
    }
}

int
op_xfs_info2(struct call *c, const struct api_xfs_info2_args *args,
    struct api_xfs_info2_ret *ret)
{
    struct list list = {0};
    const char *section = "";
    char *out, *save = NULL;
    const char *path = file_or_device_path(c, args->pathordevice);

    if (!path || run_tool(c, &out, "xfs_info", path, NULL) < 0)
        return -1;
    for (char *line = strtok_r(out, "\n", &save); line;
         line = strtok_r(NULL, "\n", &save))
        take_info(c, line, &section, &list);
    ret->value = list.items;
    ret->n_value = list.n / 2;
    return 0;
}

int
op_xfs_repair(struct call *c, const struct api_xfs_repair_args *a,
    struct api_xfs_repair_ret *ret)
{
    struct list argv = {0};
    struct run_result r;
    char *settings = NULL;
    const char *path = file_or_device_path(c, a->device);
    const struct {
        bool has;
        const char *name;
        int64_t value;
    } numbers[] = {
        {a->has_ihashsize, "ihash", a->ihashsize},
        {a->has_bhashsize, "bhash", a->bhashsize},
        {a->has_agstride, "ag_stride", a->agstride},
    };

    if (!path)
        return -1;
    list_add_string(c, &argv, "xfs_repair");
    /* An image in a file. */
    if (!str_after(path, "/dev/"))
        list_add_string(c, &argv, "-f");
    add_flag(c, &argv, a->forcelogzero, "-L");
    add_flag(c, &argv, a->nomodify, "-n");
    add_flag(c, &argv, a->noprefetch, "-P");
    if (a->forcegeometry)
        settings = call_strdup(c, "force_geometry");
    for (size_t i = 0; i < N_ELEMENTS(numbers); i++)
        if (numbers[i].has)
            settings = call_printf(c, "%s%s%s=%lld", settings ? settings : "",
                settings ? "," : "", numbers[i].name,
                (long long)numbers[i].value);
    add_option(c, &argv, "-o", settings);
    add_number(c, &argv, "-m", a->has_maxmem, a->maxmem);
    add_option(c, &argv, "-l", a->logdev);
    add_option(c, &argv, "-r", a->rtdev);
    list_add_string(c, &argv, path);
    struct run run = {.argv = argv.items};
    if (run_command(c, &run, &r) < 0)
        return -1;
    ret->value = r.status;
    return 0;
}

int
op_xfs_admin(struct call *c, const struct api_xfs_admin_args *a)
{
    struct list argv = {0};
    const char *device = device_check(c, a->device);

    if (!device)
        return -1;
    list_add_string(c, &argv, "xfs_admin");
    add_flag(c, &argv, a->extunwritten, "-e");
    add_flag(c, &argv, a->imgfile, "-f");
    add_flag(c, &argv, a->v2log, "-j");
    add_flag(c, &argv, a->projid32bit, "-p");
    if (a->has_lazycounter) {
        list_add_string(c, &argv, "-c");
        list_add_string(c, &argv, a->lazycounter ? "1" : "0");
    }
    add_option(c, &argv, "-L", a->label);
    add_option(c, &argv, "-U", a->uuid);
    list_add_string(c, &argv, device);
    return run_tool_argv(c, NULL, argv.items);
}
