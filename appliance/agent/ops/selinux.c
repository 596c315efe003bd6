/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Labels of SELinux, put into a guest whose policy does not run here. */
#include <config.h>

#include <errno.h>

#include "appliance/agent/call/call.h"
#include "appliance/agent/call/memory.h"
#include "appliance/agent/guest/path.h"
#include "appliance/agent/program/arguments.h"
#include "appliance/agent/program/run.h"
#include "base/cleanup.h"
#include "ops-selinux.h"

/* What setfiles -C returns if single files could not be labelled. */
enum { SOME_FAILED = 1 };

static void
exclude(struct call *c, struct list *argv, const char *path)
{
    list_add_string(c, argv, "-e");
    list_add_string(c, argv, call_printf(c, SYSROOT "%s", path));
}

static int
relabel(struct call *c, const char *specfile, const char *const *paths,
    uint32_t n_paths, const char *const *excludes, uint32_t n_excludes,
    bool force)
{
    static const char *const never[] = {"/dev", "/proc", "/selinux", "/sys"};
    const char *file = tool_path(c, specfile);
    struct list argv = {0};
    struct run_result r;

    if (!file)
        return -1;
    list_add_string(c, &argv, "setfiles");
    add_flag(c, &argv, force, "-F");
    for (size_t i = 0; i < N_ELEMENTS(never); i++)
        exclude(c, &argv, never[i]);
    for (uint32_t i = 0; i < n_excludes; i++)
        exclude(c, &argv, excludes[i]);
    /* -m: what is mounted in the guest belongs to it.  -C: distinguish
     * failures of single files from others. */
    list_add_string(c, &argv, "-m");
    list_add_string(c, &argv, "-C");
    list_add_string(c, &argv, "-q");
    list_add_string(c, &argv, "-r");
    list_add_string(c, &argv, SYSROOT);
    list_add_string(c, &argv, file);
    for (uint32_t i = 0; i < n_paths; i++) {
        const char *path = tool_path(c, paths[i]);

        if (!path)
            return -1;
        list_add_string(c, &argv, path);
    }
    if (n_paths == 0)
        return 0;

    struct run run = {.argv = argv.items};
    if (run_command(c, &run, &r) < 0)
        return -1;
    if (r.status != 0 && r.status != SOME_FAILED)
        return call_error(c, EIO, "setfiles: %s", r.errors);
    return 0;
}

int
op_setfiles(struct call *c, const struct api_setfiles_args *args)
{
    return relabel(c, args->specfile, args->paths, args->n_paths,
        args->excludes, args->n_excludes, args->force);
}

int
op_selinux_relabel(struct call *c, const struct api_selinux_relabel_args *args)
{
    return relabel(c, args->specfile, &args->path, 1, NULL, 0, args->force);
}
