/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Theory of operation: an overlay lies beside its image and has no name, so
 * nothing is left of it if this program is killed.  Before it is written into
 * the image it gets the name IMAGE.mayfly-changes and is put on the disk: from
 * then on the image may have a part of the changes, and whoever has both files
 * can complete it.  The name is removed when the image is complete; a run that
 * finds one does not start. */
#include <config.h>

#include "tool/overlays.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/strv.h"
#include "tool/print.h"
#include "tool/session.h"
#include "tool/signals.h"

enum { MAX_EMPTY = 64 << 20 }; /* an overlay without data */

#define SUFFIX ".mayfly-changes"

/* Where the overlay of an image lies: beside it, or if that cannot be, as for
 * a device, where temporary files do that survive a restart. */
static char *
choose_folder(const struct overlays *all, const char *image)
{
    if (all->folder)
        return realpath(all->folder, NULL);

    const char *other = getenv("TMPDIR");
    cleanup_free char *folder = path_folder(image);
    struct stat st;

    if (!folder)
        return NULL;
    if (stat(image, &st) == 0 && S_ISREG(st.st_mode) &&
        access(folder, W_OK | X_OK) == 0)
        return steal_pointer(&folder);
    return realpath(other && other[0] == '/' ? other : "/var/tmp", NULL);
}

/* The user's options for the image, as if it was opened itself. */
static void
set_options(const struct tool *t, const struct tool_disk *d,
    struct mayfly_add_drive_options *ret)
{
    *ret = (struct mayfly_add_drive_options){0};
    if (d->format) {
        ret->set |= MAYFLY_ADD_DRIVE_FORMAT;
        ret->format = d->format;
    }
    tool_allow(t, ret);
}

/* Could the image itself be written?  It must not be locked by a machine that
 * runs, nor be of a kind that is only read, nor name files that it may not. */
static int
check_image(const struct tool *t, const struct tool_disk *d)
{
    cleanup_mayfly struct mayfly *g = mayfly_create();
    struct mayfly_add_drive_options options;

    set_options(t, d, &options);
    if (!g || mayfly_add_drive(g, d->file, &options) == 0)
        return g ? TOOL_OK : TOOL_FAILED;
    return tool_fail(g, TOOL_INPUT, NULL);
}

/* The images that the overlay depends on. */
char **
overlay_allowed(const struct overlay *o, const struct tool *t)
{
    cleanup_strv char **allow = strv_copy(t->allow);
    bool in_folder = !t->policy || str_equal(t->policy, "folder");
    cleanup_free char *folder = in_folder ? path_folder(o->image) : NULL;

    if ((t->allow && !allow) || strv_append(&allow, o->image) < 0 ||
        (folder && !str_after(folder, "/dev") &&
            strv_append(&allow, folder) < 0))
        return NULL;
    return steal_pointer(&allow);
}

/* A file without a name in the place of the one that has just been made. */
static int
take_name_away(struct overlay *o, const char *folder, struct error *err)
{
    size_t size;
    cleanup_free char *data = read_file(o->path, MAX_EMPTY, &size, err);

    if (!data)
        return -1;
    o->fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (o->fd < 0) {
        /* Not every file system has such files. */
        o->has_name = true;
        o->fd = open(o->path, O_RDWR | O_CLOEXEC);
        return o->fd < 0 ? error_errno(err, errno, "cannot open %s", o->path)
                         : 0;
    }
    if (write_all(o->fd, data, size) < 0)
        return error_errno(err, errno, "cannot write in %s", folder);
    unlink(o->path);
    free(o->path);
    o->path = text_printf("/proc/self/fd/%d", o->fd);
    return o->path ? 0 : error_no_memory(err);
}

static int
name_overlay(const struct overlays *all, struct overlay *o,
    const struct tool_disk *d, char **ret_folder, struct error *err)
{
    if (!(o->image = realpath(d->file, NULL)))
        return error_errno(err, errno, "cannot open %s", d->file);
    const char *base = strrchr(o->image, '/') + 1;
    if (!(*ret_folder = choose_folder(all, o->image)) ||
        !(o->changes = text_printf("%s/%s" SUFFIX, *ret_folder, base)) ||
        !(o->path = text_printf(
              "%s/%s.mayfly-%d", *ret_folder, base, (int)getpid())))
        return error_no_memory(err);
    if (access(o->changes, F_OK) == 0)
        return error_set(err, EEXIST,
            "%s is changed in part: a run was ended while it wrote the changes "
            "in %s; complete it with 'mayfish disk-commit %s allow:%s "
            "grow:true' and remove that file",
            d->file, o->changes, o->changes, o->image);
    return 0;
}

/* The lock keeps out other runs, which would not see this one's changes.  It is
 * not QEMU's, which is on the file only while an appliance has it. */
static int
hold_image(const struct overlays *all, struct overlay *o,
    const struct tool_disk *d, struct error *err)
{
    int kind = all->only_read ? LOCK_SH : LOCK_EX;

    o->image_fd = open(o->image, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (o->image_fd < 0 || fstat(o->image_fd, &o->was) < 0)
        return error_errno(err, errno, "cannot open %s", d->file);
    if (flock(o->image_fd, kind | LOCK_NB) == 0)
        return 0;
    return errno == EWOULDBLOCK
               ? error_set(err, EBUSY,
                     "%s: the image is locked: another program changes it; "
                     "try again when that has ended",
                     d->file)
               : error_errno(err, errno, "cannot lock %s", d->file);
}

/* Is the file by its name still what the overlay was made on?  A device has no
 * times of its own. */
static int
check_same(const struct overlay *o, struct error *err)
{
    struct stat st;

    if (stat(o->image, &st) < 0)
        return error_errno(err, errno,
            "%s: nothing was written, since the image is not there any more",
            o->image);
    bool same = st.st_dev == o->was.st_dev && st.st_ino == o->was.st_ino;
    if (S_ISREG(st.st_mode))
        same = same && st.st_size == o->was.st_size &&
               st.st_mtim.tv_sec == o->was.st_mtim.tv_sec &&
               st.st_mtim.tv_nsec == o->was.st_mtim.tv_nsec;
    return same ? 0
                : error_set(err, ESTALE,
                      "%s: nothing was written, since something else has "
                      "changed the image meanwhile; run the program again",
                      o->image);
}

static int
make(const struct overlays *all, struct overlay *o, const struct tool_disk *d,
    struct mayfly *g, struct error *err)
{
    cleanup_free char *folder = NULL, *format = NULL;
    struct mayfly_disk_create_options options = {
        .set =
            MAYFLY_DISK_CREATE_BACKINGFILE | MAYFLY_DISK_CREATE_BACKINGFORMAT,
        .backingformat = d->format,
    };

    if (name_overlay(all, o, d, &folder, err) < 0 ||
        hold_image(all, o, d, err) < 0)
        return -1;
    if (!d->format) {
        if (mayfly_disk_format(g, o->image, &format) < 0)
            return tool_handle_error(g, err);
        options.backingformat = format;
    }
    options.backingfile = o->image;
    if (mayfly_disk_create(g, o->path, "qcow2",
            all->size ? (int64_t)all->size : -1, &options) < 0)
        return tool_handle_error(g, err);
    return take_name_away(o, folder, err);
}

static int
add(const struct overlay *o, const struct tool *t, const struct tool_disk *d,
    struct mayfly *g, struct error *err)
{
    cleanup_strv char **allow = overlay_allowed(o, t);
    struct mayfly_add_drive_options options = {
        .set = MAYFLY_ADD_DRIVE_FORMAT | MAYFLY_ADD_DRIVE_ALLOW |
               MAYFLY_ADD_DRIVE_CACHEMODE,
        .format = "qcow2",
        .allow = (void *)allow,
        .cachemode = "unsafe",
    };

    if (!allow)
        return error_no_memory(err);
    if (t->policy) {
        options.set |= MAYFLY_ADD_DRIVE_BACKING_POLICY;
        options.backing_policy = t->policy;
    }
    if (d->blocksize) {
        options.set |= MAYFLY_ADD_DRIVE_BLOCKSIZE;
        options.blocksize = d->blocksize;
    }
    if (mayfly_add_drive(g, o->path, &options) == 0)
        return 0;
    tool_handle_error(g, err);
    return error_context(err, "%s", d->file);
}

static int
add_read_only(const struct tool *t, const struct tool_disk *d, struct mayfly *g)
{
    struct mayfly_add_drive_options options;

    set_options(t, d, &options);
    options.set |= MAYFLY_ADD_DRIVE_READONLY;
    options.readonly = true;
    return mayfly_add_drive(g, d->file, &options) < 0
               ? tool_fail(g, TOOL_INPUT, NULL)
               : TOOL_OK;
}

static int
add_one(struct overlays *o, const struct tool *t, const struct tool_disk *d,
    struct mayfly *g)
{
    cleanup_error struct error err = {0};
    struct overlay *item = &o->items[o->n];
    int code;

    if (d->read_only)
        return add_read_only(t, d, g);
    if (d->network_uri) {
        tool_error("%s: a remote disk can only be changed directly; add "
                   "--no-overlay",
            d->file);
        return TOOL_INPUT;
    }
    if (!o->only_read && (code = check_image(t, d)) != TOOL_OK)
        return code;
    *item = (struct overlay){.fd = -1, .image_fd = -1};
    o->n++;
    return make(o, item, d, g, &err) < 0 || add(item, t, d, g, &err) < 0
               ? tool_give_up(&err, TOOL_INPUT)
               : TOOL_OK;
}

int
overlays_add(struct overlays *o, const struct tool *t, struct mayfly *g)
{
    int code = TOOL_OK;

    if (!(o->items = calloc(t->n_disks, sizeof *o->items))) {
        tool_error("no memory");
        return TOOL_FAILED;
    }
    for (size_t i = 0; i < t->n_disks && code == TOOL_OK; i++)
        code = add_one(o, t, &t->disks[i], g);
    return code;
}

/* --- the end --- */

/* On the disk, by its name. */
static int
publish(struct overlay *o, struct error *err)
{
    if (fsync(o->fd) < 0)
        return error_errno(
            err, errno, "cannot write the changes of %s", o->image);
    int r = o->has_name ? link(o->path, o->changes)
                        : linkat(AT_FDCWD, o->path, AT_FDCWD, o->changes,
                              AT_SYMLINK_FOLLOW);
    if (r < 0)
        return error_errno(err, errno, "cannot make %s", o->changes);
    o->committed = true;
    return 0;
}

static int
write_one(struct overlay *o, bool grow, const struct tool *t, struct mayfly *g,
    struct error *err)
{
    cleanup_strv char **allow = overlay_allowed(o, t);
    struct mayfly_disk_commit_options options = {
        .set = MAYFLY_DISK_COMMIT_ALLOW | MAYFLY_DISK_COMMIT_GROW,
        .allow = (void *)allow,
        .grow = grow,
    };

    if (!allow)
        return error_no_memory(err);
    if (t->policy) {
        options.set |= MAYFLY_DISK_COMMIT_BACKING_POLICY;
        options.backing_policy = t->policy;
    }
    if (mayfly_disk_commit(g, o->changes, &options) < 0) {
        tool_handle_error(g, err);
        error_context(err,
            "%s may be changed in part, and its changes are in %s: remove the "
            "cause, then run 'mayfish disk-commit %s allow:%s%s' and remove "
            "that file",
            o->image, o->changes, o->changes, o->image,
            grow ? " grow:true" : "");
        return -1;
    }
    unlink(o->changes);
    o->committed = false;
    return 0;
}

int
overlays_commit(struct overlays *o, const struct tool *t, struct mayfly *g)
{
    cleanup_error struct error err = {0};
    size_t done = 0;
    int r = 0;

    for (size_t i = 0; i < o->n && r == 0; i++)
        r = check_same(&o->items[i], &err);
    for (size_t i = 0; i < o->n && r == 0; i++)
        r = publish(&o->items[i], &err);
    if (r < 0) {
        /* Nothing is written yet. */
        for (size_t i = 0; i < o->n; i++)
            if (o->items[i].committed)
                unlink(o->items[i].changes);
        return tool_give_up(&err, TOOL_FAILED);
    }
    /* From here on it is completed whatever signal comes. */
    tool_signals_hold(g, true);
    while (done < o->n && r == 0)
        if ((r = write_one(&o->items[done], o->size > 0, t, g, &err)) == 0)
            done++;
    tool_signals_hold(g, false);
    if (r == 0)
        return TOOL_OK;
    tool_error("%s", error_text(&err));
    return TOOL_FAILED;
}

void
overlays_clear(struct overlays *o)
{
    for (size_t i = 0; i < o->n; i++) {
        struct overlay *item = &o->items[i];

        if (item->has_name || (item->path && item->fd < 0))
            unlink(item->path);
        if (item->fd >= 0)
            close(item->fd);
        if (item->image_fd >= 0)
            close(item->image_fd);
        free(item->image);
        free(item->path);
        free(item->changes);
    }
    free(o->items);
    *o = (struct overlays){0};
}
