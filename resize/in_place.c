/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Theory of operation: the appliance has an overlay of the image that is as
 * large as the disk is to be.  When all is done and it has ended, the image
 * grows and gets what the overlay has; on any failure before that, it is as it
 * was. */
#include <config.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "resize/apply.h"
#include "resize/disk.h"
#include "tool/overlays.h"
#include "tool/tool.h"

static const char device[] = "/dev/sda";

/* Can the image have another size?  Asked before anything is done. */
static int
check_growth(const struct resize *r, const char *format, uint64_t old,
    uint64_t size, struct error *err)
{
    struct stat st;

    if (size < old)
        return error_set(err, ENOTSUP,
            "an image is not made smaller in place: give the name of a new "
            "one, as in 'mayfly-resize --size %s --shrink PART %s NEW'",
            r->size, r->in);
    if (size == old)
        return 0;
    if (stat(r->in, &st) < 0)
        return error_errno(err, errno, "cannot examine %s", r->in);
    if (!S_ISREG(st.st_mode))
        return error_set(err, ENOTSUP,
            "%s is a device, whose size is its own: make it larger, then leave "
            "out --size",
            r->in);
    if (!str_equal(format, "raw") && !str_equal(format, "qcow2"))
        return error_set(err, ENOTSUP,
            "an image of the format %s cannot grow in place: give the name of "
            "a new one",
            format);
    if (r->no_overlay && !str_equal(format, "raw"))
        return error_set(err, ENOTSUP,
            "with --no-overlay only raw images can grow: leave it out, or let "
            "'qemu-img resize' make it larger first and leave out --size");
    return 0;
}

static int
grow_file(const struct resize *r, uint64_t size, struct error *err)
{
    return truncate(r->in, (off_t)size) < 0
               ? error_errno(err, errno, "cannot make %s larger", r->in)
               : 0;
}

/* How large it is to be, in whole sectors. */
static int
new_size(const struct resize *r, struct mayfly *g, uint64_t *ret_old,
    uint64_t *ret, struct error *err)
{
    uint64_t unit = r->blocksize ? (uint64_t)r->blocksize : 512;
    cleanup_free char *format = NULL;

    if (image_examine(g, r->in, r->format, &format, ret_old, err) < 0)
        return -1;
    *ret = *ret_old;
    if (!r->size)
        return 0;
    if (size_change(r->size, *ret_old, ret, err) < 0)
        return error_context(err, "--size");
    *ret = (*ret + unit - 1) / unit * unit;
    return check_growth(r, format, *ret_old, *ret, err);
}

static int
add_disk(const struct resize *r, const struct tool *t,
    struct overlays *overlays, struct mayfly *g, uint64_t old, uint64_t size)
{
    cleanup_error struct error err = {0};

    if (!r->no_overlay) {
        overlays->size = size > old ? size : 0;
        overlays->only_read = r->dry_run;
        return overlays_add(overlays, t, g);
    }
    if (size > old && grow_file(r, size, &err) < 0)
        return tool_give_up(&err, TOOL_FAILED);
    return tool_add_disks(t, g);
}

static void
say_rest(const struct resize *r, const struct plan *p)
{
    uint64_t start, rest = layout_rest(&p->layout, &start);

    if (p->table && !r->expand && r->size && rest > 1)
        apply_say(r,
            "%llu bytes at the end are in no partition; --expand gives them to "
            "one",
            (unsigned long long)(rest * p->layout.sector_size));
}

static int
use_appliance(const struct resize *r, const struct tool *t, struct mayfly *g,
    uint64_t old_size, struct error *err)
{
    cleanup_plan struct plan p = {0};
    const struct work w = {.g = g, .r = r, .t = t, .p = &p, .device = device};
    int64_t size;

    if (mayfly_blockdev_getsize64(g, device, &size) < 0)
        return tool_handle_error(g, err);
    if (plan_make(r, g, device, (uint64_t)size, &p, err) < 0)
        return -1;
    p.old_size = old_size;
    if (!r->quiet)
        plan_print(r, &p);
    if (r->dry_run)
        return 0;
    apply_say(r, "Changing the partition table");
    if (apply_shrink(&w, err) < 0 || apply_ends(&w, err) < 0 ||
        apply_growth(&w, err) < 0)
        return -1;
    say_rest(r, &p);
    return 0;
}

static int
run(const struct resize *r, const struct tool *t, struct overlays *overlays,
    struct mayfly *g)
{
    cleanup_error struct error err = {0};
    uint64_t old, size;
    int code;

    if (new_size(r, g, &old, &size, &err) < 0)
        return tool_give_up(
            &err, err.code == ENOTSUP ? TOOL_FAILED : TOOL_INPUT);
    if ((code = add_disk(r, t, overlays, g, old, size)) != TOOL_OK ||
        (code = tool_launch(g)) != TOOL_OK)
        return code;
    if (use_appliance(r, t, g, old, &err) < 0)
        return tool_give_up(&err, err.code == ENOKEY ? TOOL_KEYS : TOOL_FAILED);
    return mayfly_shutdown(g) < 0 ? tool_fail(g, TOOL_FAILED, NULL) : TOOL_OK;
}

int
resize_in_place(const struct resize *r, struct tool *t)
{
    cleanup_mayfly struct mayfly *g = tool_handle(t);
    cleanup_overlays struct overlays overlays = {0};

    if (!g)
        return TOOL_FAILED;
    apply_say(r, "Examining %s", r->in);
    int code = run(r, t, &overlays, g);
    if (code == TOOL_OK && tool_interrupted())
        code = tool_exit_code(TOOL_FAILED);
    if (code == TOOL_OK && !r->dry_run && overlays.n) {
        apply_say(r, "Writing the changes into the image");
        code = overlays_commit(&overlays, t, g);
    }
    if (code == TOOL_OK)
        apply_say(
            r, r->dry_run ? "Nothing was changed: this was a dry run" : "Done");
    tool_signals_watch(NULL);
    tool_progress_clear();
    return code;
}
