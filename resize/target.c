/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Theory of operation: a new file lies beside the one that it will be, or
 * replace, under a temporary name.  If this program is killed, the next one
 * that makes a file there removes it. */
#include <config.h>

#include "resize/target.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "resize/disk.h"
#include "tool/session.h"
#include "tool/size.h"

/* --- what there is --- */

static int
check_same_file(const struct target *t, const char *in, struct error *err)
{
    struct stat st;

    if (stat(in, &st) == 0 && st.st_dev == t->old.st_dev &&
        st.st_ino == t->old.st_ino)
        return error_set(err, EINVAL,
            "%s and %s are the same file: give one name to resize it in place",
            in, t->path);
    return 0;
}

static int
plan_existing(struct target *t, const struct resize *r, struct mayfly *g,
    struct error *err)
{
    const char *format = r->output_format;

    if (!S_ISREG(t->old.st_mode) && !S_ISBLK(t->old.st_mode))
        return error_set(
            err, EINVAL, "%s is neither a file nor a block device", t->path);
    if (check_same_file(t, r->in, err) < 0)
        return -1;
    t->device = S_ISBLK(t->old.st_mode);
    t->replaces = !t->device;
    if (t->device && format && !str_equal(format, "raw"))
        return error_set(err, EINVAL,
            "%s is a block device: only --output-format raw fits there",
            t->path);
    return image_examine(
        g, t->path, t->device ? "raw" : format, &t->format, &t->size, err);
}

static int
plan_new(struct target *t, const struct resize *r, const char *in_format,
    struct error *err)
{
    const char *format = r->output_format ? r->output_format : in_format;

    if (!r->size)
        return error_set(err, ENOENT,
            "%s does not exist: make it with the size that the disk is to "
            "have, or give --size",
            t->path);
    t->format = strdup(format);
    return t->format ? 0 : error_no_memory(err);
}

int
target_plan(struct target *ret, const struct resize *r, struct mayfly *g,
    const char *in_format, uint64_t in_size, struct error *err)
{
    int result;

    *ret = (struct target){.path = r->out, .out.fd = -1, .empty = -1};
    if (stat(r->out, &ret->old) == 0)
        result = plan_existing(ret, r, g, err);
    else if (errno == ENOENT)
        result = plan_new(ret, r, in_format, err);
    else
        result = error_errno(err, errno, "cannot examine %s", r->out);
    if (result < 0 || !r->size)
        return result;

    uint64_t size;
    if (size_change(r->size, in_size, &size, err) < 0)
        return error_context(err, "--size");
    if (ret->device && size > ret->size)
        return error_set(err, ENOSPC, "%s has only %llu bytes", r->out,
            (unsigned long long)ret->size);
    uint64_t unit = r->blocksize ? (uint64_t)r->blocksize : 512;
    ret->size = (size + unit - 1) / unit * unit;
    return 0;
}

/* --- making it --- */

/* An existing file gives its successor its owner and mode. */
static int
begin(struct target *t, struct error *err)
{
    /* Replace what a link leads to, not the link. */
    cleanup_free char *real = t->replaces ? realpath(t->path, NULL) : NULL;

    if (output_open_named(&t->out, real ? real : t->path, 0666, err) < 0)
        return -1;
    if (!t->replaces)
        return 0;
    if ((fchown(t->out.fd, t->old.st_uid, t->old.st_gid) < 0 &&
            errno != EPERM) ||
        fchmod(t->out.fd, t->old.st_mode & 07777) < 0)
        return error_errno(
            err, errno, "cannot make the successor of %s", t->path);
    return 0;
}

static int
convert(struct target *t, struct mayfly *g, const char *file,
    const struct mayfly_disk_convert_options *more, struct error *err)
{
    struct mayfly_disk_convert_options options = *more;
    cleanup_free char *to = text_printf("/proc/self/fd/%d", t->out.fd);

    if (!to)
        return error_no_memory(err);
    options.set |= MAYFLY_DISK_CONVERT_SIZE | MAYFLY_DISK_CONVERT_EXISTING;
    options.size = (int64_t)t->size;
    options.existing = true;
    if (mayfly_disk_convert(g, file, t->format, to, &options) == 0)
        return 0;
    tool_handle_error(g, err);
    return error_context(err, "cannot make %s", t->path);
}

int
target_copy(struct target *t, struct mayfly *g, const char *file,
    const char *format, const struct tool *tool, struct error *err)
{
    struct mayfly_disk_convert_options options = {
        .set = MAYFLY_DISK_CONVERT_SOURCEFORMAT,
        .sourceformat = format,
    };

    if (tool->policy) {
        options.set |= MAYFLY_DISK_CONVERT_BACKING_POLICY;
        options.backing_policy = tool->policy;
    }
    if (tool->allow) {
        options.set |= MAYFLY_DISK_CONVERT_ALLOW;
        options.allow = (void *)tool->allow;
    }
    return begin(t, err) < 0 ? -1 : convert(t, g, file, &options, err);
}

static int
clear_device(struct target *t, struct error *err)
{
    uint64_t range[2] = {0, t->size};
    cleanup_close int fd = open(t->path, O_RDWR | O_EXCL | O_CLOEXEC);

    if (fd < 0)
        return error_errno(err, errno, "cannot open %s", t->path);
    if (ioctl(fd, BLKZEROOUT, range) < 0)
        return error_errno(err, errno, "cannot clear %s", t->path);
    return 0;
}

/* The format is QEMU's to write: what has no data is converted to it. */
int
target_create(struct target *t, struct mayfly *g, struct error *err)
{
    const struct mayfly_disk_convert_options options = {
        .set = MAYFLY_DISK_CONVERT_SOURCEFORMAT,
        .sourceformat = "raw",
    };

    if (t->device)
        return clear_device(t, err);
    if (begin(t, err) < 0)
        return -1;
    if (str_equal(t->format, "raw"))
        return ftruncate(t->out.fd, (off_t)t->size) < 0
                   ? error_errno(err, errno, "cannot make %s", t->path)
                   : 0;
    cleanup_free char *folder = path_folder(t->out.temporary);
    t->empty = folder ? open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600) : -1;
    if (t->empty < 0) {
        char name[] = "/tmp/mayfly.XXXXXX";

        if ((t->empty = mkostemp(name, O_CLOEXEC)) >= 0)
            unlink(name);
    }
    if (t->empty < 0 || ftruncate(t->empty, (off_t)t->size) < 0)
        return error_errno(err, errno, "cannot make a temporary file");
    cleanup_free char *from = text_printf("/proc/self/fd/%d", t->empty);
    return from ? convert(t, g, from, &options, err) : error_no_memory(err);
}

int
target_add(const struct target *t, const struct resize *r, struct mayfly *g,
    struct error *err)
{
    struct mayfly_add_drive_options options = {
        .set = MAYFLY_ADD_DRIVE_FORMAT | MAYFLY_ADD_DRIVE_CACHEMODE,
        .format = t->format,
        .cachemode = t->device ? "writeback" : "unsafe",
    };

    if (r->blocksize) {
        options.set |= MAYFLY_ADD_DRIVE_BLOCKSIZE;
        options.blocksize = r->blocksize;
    }
    if (mayfly_add_drive(g, t->device ? t->path : t->out.temporary, &options) ==
        0)
        return 0;
    tool_handle_error(g, err);
    return error_context(err, "%s", t->path);
}

int
target_commit(struct target *t, struct error *err)
{
    if (!t->device)
        return output_commit(&t->out, err);

    cleanup_close int fd = open(t->path, O_RDWR | O_CLOEXEC);
    if (fd < 0 || fsync(fd) < 0)
        return error_errno(err, errno, "cannot write %s", t->path);
    return 0;
}

void
target_clear(struct target *t)
{
    if (t->out.pending)
        output_abort(&t->out);
    if (t->empty >= 0)
        close(t->empty);
    free(t->format);
    *t = (struct target){.out.fd = -1, .empty = -1};
}
