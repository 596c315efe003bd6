/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Mounting the guest on a folder of the host, by FUSE.
 *
 * mount_local mounts and returns; requests for the folder then wait until
 * mount_local_run serves them, which lasts until someone unmounts the folder.
 * The handle is busy all that time: only umount_local may be called from
 * another thread, and it uses nothing but the name of the folder.  Between the
 * two a program may fork and continue in the child. */
#include <config.h>

#include "lib/mount_local/mount_local.h"

#include <errno.h>
#include <poll.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "lib/mount_local/operations.h"

enum { CACHE_TIMEOUT = 60 };

extern char **environ;

static void
local_free(struct local_mount *m)
{
    if (m->fuse) {
        fuse_unmount(m->fuse);
        fuse_destroy(m->fuse);
    }
    free(m->mountpoint);
    free(m);
}

void
handle_unmount_local(struct mayfly *g)
{
    if (g->local)
        local_free(steal_pointer(&g->local));
}

/* --- mounting --- */

static bool
has(const struct mayfly_mount_local_options *o, uint64_t option)
{
    return o && o->set & option;
}

static char **
make_arguments(const struct mayfly_mount_local_options *o)
{
    cleanup_strv char **args = NULL;
    bool ok = strv_append(&args, "mayfly") == 0 &&
              strv_append(&args, "-osubtype=mayfly,default_permissions") == 0;

    if (has(o, MAYFLY_MOUNT_LOCAL_READONLY) && o->readonly)
        ok = ok && strv_append(&args, "-oro") == 0;
    if (has(o, MAYFLY_MOUNT_LOCAL_OPTIONS) && *o->options)
        ok = ok && strv_printf(&args, "-o%s", o->options) == 0;
    if (has(o, MAYFLY_MOUNT_LOCAL_DEBUGCALLS) && o->debugcalls)
        ok = ok && strv_append(&args, "-odebug") == 0;
    return ok ? steal_pointer(&args) : NULL;
}

static int
start_fuse(struct local_mount *m, const struct mayfly_mount_local_options *o,
    struct error *err)
{
    cleanup_strv char **argv = make_arguments(o);
    struct fuse_args args = {.argc = (int)strv_length(argv), .argv = argv};

    if (!argv)
        return error_no_memory(err);
    m->fuse = fuse_new(&args, &local_operations, sizeof local_operations, m);
    fuse_opt_free_args(&args);
    if (!m->fuse)
        return error_set(err, EINVAL, "FUSE refuses the options '%s'",
            has(o, MAYFLY_MOUNT_LOCAL_OPTIONS) ? o->options : "");
    if (fuse_mount(m->fuse, m->mountpoint) < 0) {
        fuse_destroy(steal_pointer(&m->fuse));
        return error_set(err, EIO,
            "cannot mount on %s; it must be a folder of yours, and /dev/fuse "
            "and fusermount3 must exist",
            m->mountpoint);
    }
    return 0;
}

static int
need_ready(struct mayfly *g, const char *call)
{
    error_clear(&g->error);
    if (g->state == HANDLE_READY)
        return 0;
    return error_set(&g->error, EINVAL, "%s: call launch first", call);
}

MAYFLY_PUBLIC int
mayfly_mount_local(struct mayfly *g, const char *localmountpoint,
    const struct mayfly_mount_local_options *o)
{
    struct error err = {0};
    struct local_mount *m;

    if (need_ready(g, "mount_local") < 0)
        return -1;
    if (g->local)
        return error_set(&g->error, EBUSY,
            "mount_local: the guest is already mounted on %s",
            g->local->mountpoint);
    m = calloc(1, sizeof *m);
    if (!m || !(m->mountpoint = realpath(localmountpoint, NULL))) {
        int code = errno;

        free(m);
        return error_errno(&g->error, code, "mount_local: %s", localmountpoint);
    }
    m->g = g;
    m->read_only = has(o, MAYFLY_MOUNT_LOCAL_READONLY) && o->readonly;
    m->cache_timeout = has(o, MAYFLY_MOUNT_LOCAL_CACHETIMEOUT) ? o->cachetimeout
                                                               : CACHE_TIMEOUT;
    if (start_fuse(m, o, &err) < 0) {
        local_free(m);
        error_context(&err, "mount_local");
        return handle_fail(g, &err);
    }
    g->local = m;
    return 0;
}

MAYFLY_PUBLIC int
mayfly_mount_local_run(struct mayfly *g)
{
    int r;

    error_clear(&g->error);
    if (!g->local)
        return error_set(
            &g->error, EINVAL, "mount_local_run: call mount_local first");
    r = fuse_loop(g->local->fuse);
    handle_unmount_local(g);
    error_clear(&g->error);
    /* Positive: a signal ended it, which is a normal end. */
    if (r < 0)
        return error_errno(&g->error, -r, "mount_local_run");
    return 0;
}

/* --- unmounting --- */

/* The exit code of fusermount3; -1: it could not be run. */
static int
run_fusermount(const char *mountpoint)
{
    static const char *const words[] = {"fusermount3", "-u", "--"};
    cleanup_strv char **argv = NULL;
    int status = -1;
    pid_t pid;

    for (size_t i = 0; i < N_ELEMENTS(words); i++)
        if (strv_append(&argv, words[i]) < 0)
            return -1;
    if (strv_append(&argv, mountpoint) < 0 ||
        posix_spawnp(&pid, argv[0], NULL, NULL, argv, environ) != 0)
        return -1;
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

MAYFLY_PUBLIC int
mayfly_umount_local(
    struct mayfly *g, const struct mayfly_umount_local_options *o)
{
    enum { TRIES = 5, FIRST_PAUSE = 500 };
    bool retry = o && o->set & MAYFLY_UMOUNT_LOCAL_RETRY && o->retry;
    /* The serving thread frees the handle's own copy. */
    cleanup_free char *mountpoint =
        g->local ? strdup(g->local->mountpoint) : NULL;
    int pause = FIRST_PAUSE, r;

    if (!mountpoint)
        return error_set(&g->error, EINVAL, "umount_local: nothing is mounted");
    for (int i = 1; (r = run_fusermount(mountpoint)) > 0; i++) {
        if (!retry || i == TRIES)
            return error_set(&g->error, EBUSY,
                "umount_local: fusermount3 cannot unmount %s (status %d)",
                mountpoint, r);
        poll(NULL, 0, pause);
        pause *= 2;
    }
    if (r < 0)
        return error_set(&g->error, ENOENT,
            "umount_local: cannot run fusermount3 (package fuse3)");
    return 0;
}
