/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Theory of operation: the appliance discards what is free in an overlay, which
 * then says of it that it is zero, and hardly grows.  The new image is a copy
 * of the overlay, without what is zero; it gets its name when it is complete.
 * The old one is only read. */
#include <config.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "resize/disk.h"
#include "resize/sparsify/trim.h"
#include "tool/overlays.h"
#include "tool/size.h"
#include "tool/tool.h"

enum {
    OVERLAY_SHARE = 512,      /* of the disk: tables of the overlay */
    OVERLAY_LEAST = 32 << 20, /* journals and the like */
};

static int
check_names(const struct sparsify *s, struct error *err)
{
    struct stat in, out;

    if (stat(s->in, &in) < 0)
        return error_errno(err, errno, "cannot open %s", s->in);
    if (stat(s->out, &out) < 0)
        return 0;
    if (in.st_dev == out.st_dev && in.st_ino == out.st_ino)
        return error_set(err, EINVAL,
            "%s and %s are the same file: use --in-place", s->in, s->out);
    if (!S_ISREG(out.st_mode))
        return error_set(
            err, EINVAL, "%s is not a file; only a file can be sparse", s->out);
    return 0;
}

static int
check_space(const struct sparsify *s, const char *folder, uint64_t size,
    struct error *err)
{
    uint64_t needed = size / OVERLAY_SHARE + OVERLAY_LEAST, available;
    struct statvfs st;
    char want[24], have[24];

    if (s->check_space == SPACE_IGNORE)
        return 0;
    if (statvfs(folder, &st) < 0)
        return error_errno(err, errno, "cannot examine %s", folder);
    available = (uint64_t)st.f_bavail * st.f_frsize;
    if (available >= needed)
        return 0;
    size_text(needed, want);
    size_text(available, have);
    if (s->check_space == SPACE_FAIL)
        return error_set(err, ENOSPC,
            "%s has %s of free space, but about %s are needed; name another "
            "directory with --tmp",
            folder, have, want);
    tool_warning(
        "%s has %s of free space, but about %s are needed", folder, have, want);
    return 0;
}

static const char *
temporary_folder(const struct sparsify *s)
{
    const char *folder = getenv("TMPDIR");

    return s->folder ? s->folder : folder && folder[0] ? folder : "/var/tmp";
}

static int
trim_overlay(const struct sparsify *s, struct tool *t,
    struct overlays *overlays, struct mayfly *g)
{
    cleanup_error struct error err = {0};
    int code = overlays_add(overlays, t, g);

    if (code != TOOL_OK || (code = tool_launch(g)) != TOOL_OK)
        return code;
    if (trim_disk(s, g, true, &err) < 0)
        return tool_give_up(&err, TOOL_FAILED);
    return mayfly_shutdown(g) < 0 ? tool_fail(g, TOOL_FAILED, NULL) : TOOL_OK;
}

static int
write_copy(const struct sparsify *s, const struct tool *t,
    const struct overlay *o, struct mayfly *g, const char *format)
{
    cleanup_strv char **allow = overlay_allowed(o, t);
    struct mayfly_disk_convert_options options = {
        .set = MAYFLY_DISK_CONVERT_SOURCEFORMAT | MAYFLY_DISK_CONVERT_ALLOW |
               MAYFLY_DISK_CONVERT_COMPRESS,
        .sourceformat = "qcow2",
        .compress = s->compress,
        .allow = (void *)allow,
    };
    /* Replace what a link leads to, not the link. */
    cleanup_free char *real = realpath(s->out, NULL);

    if (!allow) {
        tool_error("no memory");
        return TOOL_FAILED;
    }
    if (t->policy) {
        options.set |= MAYFLY_DISK_CONVERT_BACKING_POLICY;
        options.backing_policy = t->policy;
    }
    if (mayfly_disk_convert(
            g, o->path, format, real ? real : s->out, &options) < 0)
        return tool_fail(g, TOOL_FAILED, s->out);
    return TOOL_OK;
}

static int
run(const struct sparsify *s, struct tool *t, struct mayfly *g)
{
    cleanup_error struct error err = {0};
    cleanup_free char *format = NULL;
    cleanup_overlays struct overlays overlays = {
        .folder = temporary_folder(s), .only_read = true};
    uint64_t size;

    if (check_names(s, &err) < 0 ||
        image_examine(g, s->in, s->format, &format, &size, &err) < 0)
        return tool_give_up(&err, TOOL_INPUT);
    if (check_space(s, overlays.folder, size, &err) < 0)
        return tool_give_up(&err, TOOL_FAILED);
    int code = trim_overlay(s, t, &overlays, g);
    if (code == TOOL_OK && tool_interrupted())
        code = tool_exit_code(TOOL_FAILED);
    if (code != TOOL_OK)
        return code;
    sparsify_say(s, "Copying to %s", s->out);
    return write_copy(
        s, t, &overlays.items[0], g, s->convert ? s->convert : format);
}

int
sparsify_copy(const struct sparsify *s, struct tool *t)
{
    cleanup_mayfly struct mayfly *g = tool_handle(t);

    if (!g)
        return TOOL_FAILED;
    sparsify_say(s, "Examining %s", s->in);
    int code = run(s, t, g);
    if (code == TOOL_OK)
        sparsify_say(s, "Done");
    tool_signals_watch(NULL);
    tool_progress_clear();
    return code;
}
