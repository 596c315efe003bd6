/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The calls that add disks to a handle and remove them, before launch or from
 * the running appliance. */
#include <config.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "internal-calls.h"
#include "lib/blocks/export.h"
#include "lib/blocks/unlock.h"
#include "lib/disk/disk.h"
#include "lib/disk/find.h"
#include "lib/disk/options.h"
#include "lib/engine/engine.h"
#include "lib/engine/plug.h"
#include "lib/lifetime.h"

enum {
    DISKS_MAX = ENGINE_TARGETS,
};

/* The appliance forgets the disk as well, lest it takes the next one there for
 * it. */
static int
plug_now(struct mayfly *g, size_t target, struct error *err)
{
    struct disk *d = g->disks[target];
    int64_t question;

    if (unlock_disk(g, d, err) < 0) {
        cleanup_free char *shown = text_escape(d->path);

        return error_context(err, "%s", shown ? shown : "?");
    }
    if (plug_disk(g->engine, d, (unsigned)target, err) < 0)
        return -1;
    if (plug_ask_nodes(g->engine, &question, err) == 0 &&
        plug_judge_nodes(g->engine, question, d, err) == 0) {
        if (handle_tell_disks(g) == 0)
            return 0;
        error_move(err, &g->error);
    }

    cleanup_error struct error ignored = {0};
    g->disks[target] = NULL;
    if (g->state == HANDLE_READY &&
        unplug_disk(g->engine, (unsigned)target, &ignored) == 0)
        handle_tell_disks(g);
    error_clear(&g->error);
    g->disks[target] = d;
    return -1;
}

/* The first free target, possibly a new one. */
static int
find_place(struct mayfly *g, size_t *ret, struct error *err)
{
    for (size_t i = 0; i < g->n_disks; i++)
        if (!g->disks[i])
            return *ret = i, 0;
    if (g->n_disks == DISKS_MAX)
        return error_set(err, E2BIG, "no more than %d disks", DISKS_MAX);

    struct disk **more = realloc(g->disks, (g->n_disks + 1) * sizeof *more);
    if (!more)
        return error_no_memory(err);
    g->disks = more;
    g->disks[g->n_disks] = NULL;
    *ret = g->n_disks++;
    return 0;
}

static int
check_label_free(const struct mayfly *g, const char *label, struct error *err)
{
    for (size_t i = 0; label && i < g->n_disks; i++) {
        const struct disk *d = g->disks[i];

        if (d && d->label && str_equal(d->label, label))
            return error_set(
                err, EEXIST, "the label '%s' is already in use", label);
    }
    return 0;
}

/* Two writers, or a writer beside a reader that expects no change, would only
 * corrupt the image. */
static int
check_not_added(const struct mayfly *g, const struct disk *d, struct error *err)
{
    for (size_t i = 0; d->file && i < g->n_disks; i++) {
        const struct disk *other = g->disks[i];

        if (other && other->file && is_same_file(other->file, d->file) &&
            !(other->read_only && d->read_only))
            return error_set(err, EBUSY,
                "%s: already added, and one of the two is not read-only",
                d->path);
    }
    return 0;
}

static int
add_disk(struct mayfly *g, const char *filename,
    const struct disk_options *options, struct error *err)
{
    struct disk *d = NULL;
    size_t target = 0;

    if (g->state == HANDLE_DEAD)
        return error_set(
            err, ENOTCONN, "the appliance is gone; close the handle");
    if (check_label_free(g, options->label, err) < 0 ||
        find_place(g, &target, err) < 0 ||
        disk_open(filename, options, &d, err) < 0)
        return -1;
    if (check_not_added(g, d, err) < 0) {
        disk_free(d);
        return -1;
    }
    g->disks[target] = d;
    if (g->state == HANDLE_READY && plug_now(g, target, err) < 0) {
        g->disks[target] = NULL;
        disk_free(d);
        return -1;
    }
    return 0;
}

static void
trace_add(struct mayfly *g, const char *call, const char *filename)
{
    cleanup_free char *text = NULL;

    if (!handle_listens(g, MAYFLY_EVENT_TRACE))
        return;
    text = text_printf("%s \"%s\"", call, filename);
    if (text)
        handle_trace(g, text);
}

/* --- the calls --- */

MAYFLY_PUBLIC int
mayfly_add_drive(struct mayfly *g, const char *filename,
    const struct mayfly_add_drive_options *options)
{
    cleanup_error struct error err = {0};
    struct disk_options o;

    error_clear(&g->error);
    trace_add(g, "add_drive", filename);
    if (disk_options_read(options, &o, &err) < 0 ||
        add_disk(g, filename, &o, &err) < 0)
        return handle_fail(g, &err);
    return 0;
}

MAYFLY_PUBLIC int
mayfly_add_drive_ro(struct mayfly *g, const char *filename)
{
    const struct mayfly_add_drive_options options = {
        .set = MAYFLY_ADD_DRIVE_READONLY,
        .readonly = true,
    };

    return mayfly_add_drive(g, filename, &options);
}

/* A sparse file. */
static char *
make_scratch(struct mayfly *g, int64_t size, struct error *err)
{
    cleanup_free char *path =
        text_printf("%s/mayfly-scratch.XXXXXX", handle_tmpdir(g));
    cleanup_close int fd = path ? mkstemp(path) : -1;

    if (fd < 0)
        return error_errno(err, path ? errno : ENOMEM,
                   "cannot create a temporary file in %s", handle_tmpdir(g)),
               NULL;
    if (ftruncate(fd, size) < 0) {
        error_errno(err, errno, "cannot make a file of %lld bytes in %s",
            (long long)size, handle_tmpdir(g));
        unlink(path);
        return NULL;
    }
    return steal_pointer(&path);
}

MAYFLY_PUBLIC int
mayfly_add_drive_scratch(struct mayfly *g, int64_t size,
    const struct mayfly_add_drive_scratch_options *options)
{
    cleanup_error struct error err = {0};
    uint64_t set = options ? options->set : 0;
    struct disk_options o = {
        .format = "raw",
        .unsafe = true,
        .discard = DISCARD_BEST_EFFORT,
    };

    error_clear(&g->error);
    if (set & MAYFLY_ADD_DRIVE_SCRATCH_NAME)
        o.name = options->name;
    if (set & MAYFLY_ADD_DRIVE_SCRATCH_LABEL)
        o.label = options->label;
    if (set & MAYFLY_ADD_DRIVE_SCRATCH_BLOCKSIZE)
        o.block_size = options->blocksize;
    if (size <= 0) {
        error_set(
            &err, EINVAL, "invalid disk size: %lld bytes", (long long)size);
        return handle_fail(g, &err);
    }

    cleanup_free char *path = make_scratch(g, size, &err);
    int result = path ? add_disk(g, path, &o, &err) : -1;
    /* It is open now, and nothing is left of it when we end, however. */
    if (path)
        unlink(path);
    return result < 0 ? handle_fail(g, &err) : 0;
}

/* Is a file system of the disk, or of one of its partitions, mounted? */
static int
check_not_mounted(struct mayfly *g, size_t target, struct error *err)
{
    char name[DISK_NAME_MAX];
    cleanup_free char **mounts = NULL;

    disk_target_name(target, name);
    if (mayfly_mounts(g, &mounts) < 0)
        return error_move(err, &g->error);
    for (size_t i = 0; mounts[i]; i++) {
        const char *rest = str_after(mounts[i], name);

        if (rest && rest[strspn(rest, "0123456789")] == 0)
            return error_set(err, EBUSY, "%s is mounted", mounts[i]);
    }
    return 0;
}

static int
remove_running(struct mayfly *g, size_t target, struct error *err)
{
    if (check_not_mounted(g, target, err) < 0)
        return -1;
    if (mayfly_sync(g) < 0)
        return error_move(err, &g->error);
    return unplug_disk(g->engine, (unsigned)target, err);
}

MAYFLY_PUBLIC int
mayfly_remove_drive(struct mayfly *g, const char *label)
{
    cleanup_error struct error err = {0};
    size_t target = 0;
    struct disk *d = disk_find(g, label, &target);

    error_clear(&g->error);
    if (!d)
        error_set(&err, ENOENT, "no disk is named '%s'", label);
    else if (export_has(g, d))
        error_set(&err, EBUSY, "%s is exported", label);
    else if (g->state == HANDLE_READY)
        remove_running(g, target, &err);
    if (err.code)
        return handle_fail(g, &err);
    disk_free(d);
    g->disks[target] = NULL;
    if (g->state == HANDLE_READY && handle_tell_disks(g) < 0)
        return -1; /* with its error */
    /* Before launch no one refers to the later ones by their target yet. */
    if (g->state == HANDLE_CONFIG) {
        g->n_disks--;
        memmove(&g->disks[target], &g->disks[target + 1],
            (g->n_disks - target) * sizeof(struct disk *));
    }
    return 0;
}

MAYFLY_PUBLIC int
mayfly_max_disks(struct mayfly *g, int32_t *ret)
{
    error_clear(&g->error);
    *ret = DISKS_MAX;
    return 0;
}
