/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Theory of operation: the output is a copy of the template under a temporary
 * name.  One appliance opens it, grows it and customises it, all in one
 * session; the image gets its name only after the appliance has flushed and
 * ended.  On any failure or interruption before that, the copy is removed. */
#include <config.h>

#include "builder/build.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "builder/image/cache.h"
#include "builder/image/grow.h"
#include "builder/image/output.h"
#include "tool/attach.h"
#include "tool/tool.h"

static void
say(const struct sayer *sayer, const char *text)
{
    sayer->say(sayer->opaque, false, text);
}

static int
add_disk(struct mayfly *g, const struct plan *plan, const char *path)
{
    struct mayfly_add_drive_options options = {
        .set = MAYFLY_ADD_DRIVE_FORMAT,
        .format = plan->format,
    };

    if (mayfly_add_drive(g, path, &options) < 0)
        return -1;
    return 0;
}

static int
edit_guest(struct mayfly *g, const struct plan *plan,
    struct mayfly_inspection_root *root, const struct sayer *sayer)
{
    cleanup_error struct error err = {0};

    if (tool_mount_guest(g, root, false, &err) < 0)
        return tool_give_up(&err, TOOL_FAILED);
    if (plan->size > plan->template->size &&
        grow(g, plan->template, sayer, &err) < 0)
        return tool_give_up(&err, TOOL_FAILED);
    if (customize_run(plan->customize, g, root, sayer, &err) < 0)
        return tool_give_up(&err, TOOL_FAILED);
    return TOOL_OK;
}

/* Everything the appliance does. */
static int
use_appliance(struct mayfly *g, const struct tool *tool,
    const struct plan *plan, const char *path, const struct sayer *sayer)
{
    struct mayfly_inspection *found = NULL;
    int code;

    if (plan->network && mayfly_set_network(g, true) < 0)
        return tool_fail(g, TOOL_APPLIANCE, NULL);
    if ((plan->memsize && mayfly_set_memsize(g, plan->memsize) < 0) ||
        (plan->smp && mayfly_set_smp(g, plan->smp) < 0))
        return tool_fail(g, TOOL_USAGE, NULL);
    if (add_disk(g, plan, path) < 0)
        return tool_fail(g, TOOL_INPUT, NULL);
    if ((code = tool_launch(g)) != TOOL_OK)
        return code;
    if (mayfly_inspect(g, NULL, &found) < 0)
        return tool_fail(g, TOOL_FAILED, "cannot inspect the template");
    if (found->n_roots == 1) {
        code = attach_disks(plan->attach, tool, g);
        if (code == TOOL_OK)
            code = edit_guest(g, plan, &found->roots[0], sayer);
    } else {
        tool_error("the template %s holds %s operating system",
            plan->template->id, found->n_roots ? "more than one" : "no");
        code = TOOL_NO_OS;
    }
    mayfly_free_inspection(found);
    if (code == TOOL_OK && mayfly_shutdown(g) < 0)
        code = tool_fail(g, TOOL_FAILED, NULL);
    return code;
}

static int
edit_image(const struct plan *plan, const struct tool *tool, const char *path,
    const struct sayer *sayer)
{
    cleanup_mayfly struct mayfly *g = tool_handle(tool);
    int code = TOOL_FAILED;

    if (g)
        code = use_appliance(g, tool, plan, path, sayer);
    tool_signals_watch(NULL);
    return code;
}

int
build_image(
    const struct plan *plan, const struct tool *tool, const struct sayer *sayer)
{
    cleanup_error struct error err = {0};
    cleanup_new_image struct new_image image = {.out.fd = -1, .device = -1};
    struct base base;

    if (!plan->cache || !cache_has(plan->cache, plan->template))
        say(sayer, "Downloading and unpacking the template");
    if (cache_open(plan->cache, plan->template, plan->check, &base, &err) < 0)
        return tool_give_up(&err, TOOL_INPUT);

    cleanup_close int base_fd = base.fd;
    say(sayer, "Copying the template");
    if (new_image_create(
            &image, plan->output, plan->format, plan->size, &base, &err) < 0)
        return tool_give_up(&err, TOOL_FAILED);

    say(sayer, "Opening the new disk");
    int code = edit_image(plan, tool, image.path, sayer);
    if (code != TOOL_OK && plan->keep && !tool_interrupted() &&
        new_image_commit(&image, plan->flush, &err) == 0)
        tool_warning("the unfinished image is kept as %s", plan->output);
    if (code != TOOL_OK)
        return code;
    if (tool_interrupted())
        return tool_exit_code(TOOL_FAILED);

    say(sayer, "Finishing off");
    if (new_image_commit(&image, plan->flush, &err) < 0)
        return tool_give_up(&err, TOOL_FAILED);
    return TOOL_OK;
}
