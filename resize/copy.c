/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Theory of operation: one appliance reads the old disk, on an overlay that is
 * thrown away, so that its content can be shrunk.  If nothing has to move, the
 * new image is then a copy of the old one made on the host; else the appliance
 * also gets the new image, makes the table there and copies each partition.
 * A second appliance, which has only the new image, grows what has grown. */
#include <config.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "resize/apply.h"
#include "resize/disk.h"
#include "resize/target.h"
#include "tool/tool.h"

static const char old_disk[] = "/dev/sda", new_disk[] = "/dev/sdb";

struct copy {
    const struct resize *r;
    const struct tool *t;
    struct target target;
    struct plan plan;
    char *format; /* of IN */
    bool plain;   /* nothing moves */
};

static int
add_old(struct copy *c, struct mayfly *g, struct error *err)
{
    struct mayfly_add_drive_options options = {
        .set = MAYFLY_ADD_DRIVE_READONLY | MAYFLY_ADD_DRIVE_FORMAT,
        .readonly = true,
        .format = c->format,
    };

    tool_allow(c->t, &options);
    if (!c->r->format)
        options.set &= ~(uint64_t)MAYFLY_ADD_DRIVE_FORMAT;
    if (c->r->blocksize) {
        options.set |= MAYFLY_ADD_DRIVE_BLOCKSIZE;
        options.blocksize = c->r->blocksize;
    }
    return mayfly_add_drive(g, c->r->in, &options) < 0
               ? tool_handle_error(g, err)
               : 0;
}

/* Nothing else may be writing to it meanwhile. */
static int
check_unused(const struct copy *c, struct error *err)
{
    cleanup_mayfly struct mayfly *g = mayfly_create();
    struct mayfly_add_drive_options options = {
        .set = MAYFLY_ADD_DRIVE_FORMAT,
        .format = c->format,
    };

    if (!g)
        return error_no_memory(err);
    tool_allow(c->t, &options);
    if (mayfly_add_drive(g, c->r->in, &options) == 0 ||
        mayfly_last_errno(g) != EBUSY)
        return 0;
    return tool_handle_error(g, err);
}

static int
move_partitions(struct copy *c, struct mayfly *g, struct error *err)
{
    const struct work w = {
        .g = g, .r = c->r, .t = c->t, .p = &c->plan, .device = old_disk};

    if (apply_shrink(&w, err) < 0 || target_create(&c->target, g, err) < 0 ||
        target_add(&c->target, c->r, g, err) < 0 ||
        apply_copy(&w, new_disk, err) < 0)
        return -1;
    return 0;
}

/* Can a plain copy be what is wanted? */
static bool
is_plain(const struct copy *c)
{
    return !c->target.device && !c->r->no_sparse && !c->r->no_boot_loader &&
           (!c->plan.table || layout_is_copy(&c->plan.layout));
}

static int
make_plan(struct copy *c, struct mayfly *g, struct error *err)
{
    int64_t size;

    if (mayfly_blockdev_getsize64(g, old_disk, &size) < 0)
        return tool_handle_error(g, err);
    if (target_plan(&c->target, c->r, g, c->format, (uint64_t)size, err) < 0 ||
        plan_make(c->r, g, old_disk, c->target.size, &c->plan, err) < 0)
        return -1;
    c->plain = is_plain(c);
    if (!c->plan.table && !c->plain)
        return error_set(err, ENOTSUP,
            "%s has no partition table: it is only copied to a file, with its "
            "boot loader and sparsely",
            c->r->in);
    if (!c->r->quiet)
        plan_print(c->r, &c->plan);
    return 0;
}

/* The first appliance. */
static int
read_old(struct copy *c, struct error *err)
{
    cleanup_mayfly struct mayfly *g = tool_handle(c->t);
    cleanup_free char *format = NULL;
    uint64_t size;
    int r = -1;

    if (!g)
        return error_no_memory(err);
    if (image_examine(g, c->r->in, c->r->format, &c->format, &size, err) == 0 &&
        check_unused(c, err) == 0 && add_old(c, g, err) == 0)
        r = mayfly_launch(g) < 0 ? tool_handle_error(g, err) : 0;
    if (r == 0)
        r = make_plan(c, g, err);
    if (r == 0 && !c->r->dry_run)
        r = c->plain ? 0 : move_partitions(c, g, err);
    if (r == 0 && mayfly_shutdown(g) < 0)
        r = tool_handle_error(g, err);
    if (r == 0 && !c->r->dry_run && c->plain) {
        apply_say(c->r, "Copying the disk");
        r = target_copy(&c->target, g, c->r->in, c->format, c->t, err);
    }
    tool_signals_watch(NULL);
    return r;
}

/* The second one. */
static int
finish_new(struct copy *c, struct error *err)
{
    cleanup_mayfly struct mayfly *g = tool_handle(c->t);
    const struct work w = {
        .g = g, .r = c->r, .t = c->t, .p = &c->plan, .device = old_disk};
    int r;

    if (!g)
        return error_no_memory(err);
    r = target_add(&c->target, c->r, g, err);
    if (r == 0 && mayfly_launch(g) < 0)
        r = tool_handle_error(g, err);
    if (r == 0 && c->plain)
        r = apply_ends(&w, err);
    if (r == 0)
        r = apply_growth(&w, err);
    if (r == 0 && mayfly_shutdown(g) < 0)
        r = tool_handle_error(g, err);
    tool_signals_watch(NULL);
    return r;
}

static int
run(struct copy *c, struct error *err)
{
    apply_say(c->r, "Examining %s", c->r->in);
    if (read_old(c, err) < 0)
        return -1;
    if (c->r->dry_run) {
        apply_say(c->r, "Nothing was made: this was a dry run");
        return 0;
    }
    if (finish_new(c, err) < 0)
        return -1;
    if (tool_interrupted())
        return error_set(err, EINTR, "interrupted");
    apply_say(c->r, "Finishing off");
    return target_commit(&c->target, err);
}

int
resize_copy(const struct resize *r, struct tool *t)
{
    cleanup_error struct error err = {0};
    struct copy c = {.r = r, .t = t, .target = {.out.fd = -1, .empty = -1}};
    int code = TOOL_OK;

    if (run(&c, &err) < 0)
        code = tool_give_up(&err, err.code == ENOKEY ? TOOL_KEYS : TOOL_FAILED);
    target_clear(&c.target);
    plan_clear(&c.plan);
    free(c.format);
    tool_progress_clear();
    return code;
}
