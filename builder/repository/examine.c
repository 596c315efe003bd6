/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "builder/repository/examine.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "builder/image/grow.h"
#include "tool/session.h"
#include "tool/signals.h"

static int
fail(struct mayfly *g, const char *image, struct error *err)
{
    tool_handle_error(g, err);
    return error_context(err, "cannot examine %s", image);
}

static char *
known(const char *text)
{
    return *text && !str_equal(text, "unknown") ? strdup(text) : NULL;
}

/* The root can grow if it is in the last partition, directly or as a logical
 * volume. */
static void
find_expand(struct mayfly *g, const char *root, struct examined *e)
{
    cleanup_error struct error ignored = {0};
    cleanup_free char *last = grow_last_partition(g, &ignored);
    cleanup_free char *type = NULL;

    if (!last || str_equal(last, "/dev/sda"))
        return;
    if (str_equal(last, root)) {
        e->expand = strdup(last);
    } else if (mayfly_vfs_type(g, last, &type) == 0 &&
               str_equal(type, "LVM2_member") && str_after(root, "/dev/")) {
        e->expand = strdup(last);
        e->lvexpand = strdup(root);
    }
}

static int
examine_with(struct mayfly *g, const struct tool *tool, const char *image,
    struct examined *ret, struct error *err)
{
    struct mayfly_add_drive_options options = {
        .set = MAYFLY_ADD_DRIVE_READONLY,
        .readonly = true,
    };
    struct mayfly_inspection *found = NULL;

    tool_allow(tool, &options);
    if (mayfly_add_drive(g, image, &options) < 0 || mayfly_launch(g) < 0 ||
        mayfly_inspect(g, NULL, &found) < 0)
        return fail(g, image, err);

    int r = 0;
    if (found->n_roots != 1) {
        r = error_set(err, ENOENT, "%s holds %s operating system", image,
            found->n_roots ? "more than one" : "no");
    } else {
        const struct mayfly_inspection_root *root = &found->roots[0];

        ret->name = known(root->product_name);
        ret->arch = known(root->arch);
        ret->osinfo = known(root->osinfo);
        find_expand(g, root->root, ret);
        if (!ret->arch)
            r = error_set(err, ENOENT,
                "cannot detect the architecture of %s; give it with --arch",
                image);
    }
    mayfly_free_inspection(found);
    return r;
}

int
examine(const struct tool *tool, const char *image, struct examined *ret,
    struct error *err)
{
    cleanup_mayfly struct mayfly *g = tool_handle(tool);

    if (!g)
        return error_no_memory(err);

    int r = examine_with(g, tool, image, ret, err);
    tool_signals_watch(NULL);
    return r;
}

void
examined_free(struct examined *e)
{
    free(e->name);
    free(e->arch);
    free(e->osinfo);
    free(e->expand);
    free(e->lvexpand);
    *e = (struct examined){0};
}
