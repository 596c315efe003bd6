/* SPDX-License-Identifier: GPL-2.0-or-later */
/* -m and -i: mount what the user names, or what inspection finds. */
#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "tool/print.h"
#include "tool/session.h"
#include "tool/signals.h"

static int
mount_one(struct mayfly *g, bool read_only, const char *options,
    const char *fstype, const char *device, const char *mountpoint)
{
    cleanup_free char *all = NULL;

    if (!options)
        options = "";
    if (read_only) {
        all = text_printf("ro%s%s", options[0] ? "," : "", options);
        options = all ? all : "ro";
    }
    return fstype ? mayfly_mount_vfs(g, options, fstype, device, mountpoint)
                  : mayfly_mount_options(g, options, device, mountpoint);
}

/* "; the file systems are A, B": the next step for a user who named a wrong
 * one. */
static char *
list_candidates(struct mayfly *g)
{
    cleanup_free char **pairs = NULL;
    char *list = NULL;

    if (mayfly_list_filesystems(g, &pairs) < 0)
        return NULL;
    for (size_t i = 0; pairs[i] && pairs[i + 1]; i += 2) {
        char *more = text_printf("%s%s%s (%s)", list ? list : "",
            list ? ", " : "", pairs[i], pairs[i + 1]);

        free(list);
        list = more;
    }
    return list;
}

static int
mount_named(const struct tool *t, struct mayfly *g)
{
    for (size_t i = 0; i < t->n_mounts; i++) {
        const struct tool_mount *m = &t->mounts[i];

        if (mount_one(g, t->read_only, m->options, m->fstype, m->device,
                m->mountpoint) == 0)
            continue;
        cleanup_free char *why = strdup(mayfly_last_error(g));
        cleanup_free char *others = list_candidates(g);

        if (tool_interrupted())
            return tool_exit_code(TOOL_FAILED);
        tool_error("%s%s%s", why ? why : "no memory",
            others ? "; the file systems are " : "", others ? others : "");
        return TOOL_FAILED;
    }
    return TOOL_OK;
}

static int
by_mountpoint(const void *a, const void *b)
{
    const struct mayfly_inspection_mountpoint *x = a, *y = b;

    return compare_mountpoints(x->mountpoint, y->mountpoint);
}

/* What "MOUNTPOINT:OPTIONS;..." says of one; NULL: nothing. */
static char *
options_of(const char *all, const char *mountpoint)
{
    for (const char *p = all; p && *p; p += strcspn(p, ";"), p += *p == ';') {
        const char *rest = str_after(p, mountpoint);

        if (rest && *rest == ':')
            return strndup(rest + 1, strcspn(rest + 1, ";"));
    }
    return NULL;
}

/* WHOLE: each of its file systems, or an error; else "/" is enough. */
static int
mount_guest(struct mayfly *g, struct mayfly_inspection_root *root,
    bool read_only, bool whole, const char *options, struct error *err)
{
    if (root->n_mountpoints)
        qsort(root->mountpoints, root->n_mountpoints, sizeof *root->mountpoints,
            by_mountpoint);
    for (uint32_t i = 0; i < root->n_mountpoints; i++) {
        const struct mayfly_inspection_mountpoint *m = &root->mountpoints[i];
        cleanup_free char *own = options_of(options, m->mountpoint);

        if (mount_one(g, read_only, own, NULL, m->mountable, m->mountpoint) ==
            0)
            continue;
        if (whole || str_equal(m->mountpoint, "/")) {
            tool_handle_error(g, err);
            return error_context(
                err, "cannot mount the guest's %s", m->mountpoint);
        }
        tool_warning("cannot mount the guest's %s: %s", m->mountpoint,
            mayfly_last_error(g));
    }
    return 0;
}

int
tool_mount_guest(struct mayfly *g, struct mayfly_inspection_root *root,
    bool read_only, struct error *err)
{
    return mount_guest(g, root, read_only, false, NULL, err);
}

int
tool_mount_whole_guest(struct mayfly *g, struct mayfly_inspection_root *root,
    const char *options, struct error *err)
{
    return mount_guest(g, root, false, true, options, err);
}

static int
mount_inspected(const struct tool *t, struct mayfly *g)
{
    cleanup_error struct error err = {0};
    struct mayfly_inspection *found;
    int code = tool_inspect(t, g, NULL, &found);

    if (code != TOOL_OK)
        return code;
    if (found->n_roots == 1) {
        tool_say_notes(found, &found->roots[0]);
        if (tool_mount_guest(g, &found->roots[0], t->read_only, &err) < 0)
            code = tool_give_up(&err, TOOL_FAILED);
    } else if (found->n_roots == 0) {
        cleanup_free char *what = tool_describe_nothing(found);

        tool_error("no operating system found%s; see what is there with "
                   "'run : list-filesystems' and mount it with -m",
            what ? what : "");
        code = TOOL_NO_OS;
    } else {
        tool_error("%u operating systems found, the first two on %s and %s; "
                   "choose one with -m",
            found->n_roots, found->roots[0].root, found->roots[1].root);
        code = TOOL_FAILED;
    }
    mayfly_free_inspection(found);
    return code;
}

int
tool_mount_all(const struct tool *t, struct mayfly *g)
{
    return t->inspect ? mount_inspected(t, g) : mount_named(t, g);
}
