/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* copy_in and copy_out: one tar stream, made or unpacked here by a thread
 * while the calling thread carries it through tar_in or tar_out.  Between the
 * two is a pipe; the thread touches nothing else of the handle. */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "lib/bulk/collect.h"
#include "lib/bulk/extract.h"
#include "lib/internal.h"

struct worker {
    struct mayfly *g;
    const char *path; /* copy_in: what to collect */
    int dir;          /* copy_out: where to extract */
    int pipe;         /* the worker's end, closed by it */
    int result;
    struct error error;
};

static void *
extract_worker(void *opaque)
{
    struct worker *w = opaque;
    char rest[65536];

    w->result = extract_tar(w->pipe, w->dir, &w->error);
    if (w->result < 0)
        mayfly_cancel(w->g);
    /* Whoever writes must not find the pipe closed. */
    while (read(w->pipe, rest, sizeof rest) > 0)
        ;
    close(w->pipe);
    return NULL;
}

static void *
collect_worker(void *opaque)
{
    struct worker *w = opaque;

    w->result = collect_tar(w->path, w->pipe, &w->error);
    if (w->result < 0)
        mayfly_cancel(w->g);
    close(w->pipe);
    return NULL;
}

/* Start FUNCTION with one end of a new pipe; *ret_fd is the other, and NAME
 * its name for a stream. */
static int
start(struct worker *w, void *(*function)(void *), bool worker_reads,
    pthread_t *ret, int *ret_fd, char name[32])
{
    struct error *err = &w->error;
    sigset_t all, before;
    int ends[2];

    if (pipe2(ends, O_CLOEXEC) < 0)
        return error_errno(err, errno, "cannot make a pipe");
    /* What it holds at once; the default of 64 KiB would do. */
    (void)fcntl(ends[0], F_SETPIPE_SZ, 1 << 20);
    w->pipe = ends[worker_reads ? 0 : 1];
    *ret_fd = ends[worker_reads ? 1 : 0];
    snprintf(name, 32, "/dev/fd/%d", *ret_fd);

    /* Signals are for the caller's threads; SIGPIPE becomes EPIPE. */
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int code = pthread_create(ret, NULL, function, w);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (code != 0) {
        close(ends[0]);
        close(ends[1]);
        return error_errno(err, code, "cannot start a thread");
    }
    return 0;
}

/* The result of both sides.  Who cancelled the call knows better why than
 * the call. */
static int
finish(struct worker *w, const char *call, int result)
{
    struct mayfly *g = w->g;
    bool worker_first =
        w->result < 0 && (result == 0 || mayfly_last_errno(g) == ECANCELED);

    if (worker_first && g->state == HANDLE_READY) {
        error_context(&w->error, "%s", call);
        return handle_fail(g, &w->error);
    }
    error_clear(&w->error);
    return result;
}

MAYFLY_PUBLIC int
mayfly_copy_in(struct mayfly *g, const char *localpath, const char *remotedir)
{
    struct worker w = {.g = g, .path = localpath};
    char name[32];
    pthread_t thread;
    bool is_dir;
    int fd;

    if (mayfly_is_dir(g, remotedir,
            &(struct mayfly_is_dir_options){
                .set = MAYFLY_IS_DIR_FOLLOWSYMLINKS, .followsymlinks = true},
            &is_dir) < 0)
        return -1;
    if (!is_dir)
        error_set(
            &w.error, ENOTDIR, "%s: not a directory of the guest", remotedir);
    if (!is_dir || start(&w, collect_worker, false, &thread, &fd, name) < 0) {
        error_context(&w.error, "copy_in");
        return handle_fail(g, &w.error);
    }
    int r = mayfly_tar_in(g, name, remotedir, NULL);
    close(fd);
    pthread_join(thread, NULL);
    /* Broken by the end of the call: it is the call that tells. */
    if (r < 0 && w.error.code == EPIPE)
        w.result = 0;
    return finish(&w, "copy_in", r);
}

/* The name under which PATH of the guest is put: its last part; "" for the
 * root. */
static char *
last_part(const char *path)
{
    size_t end = strlen(path), start;

    while (end > 0 && path[end - 1] == '/')
        end--;
    for (start = end; start > 0 && path[start - 1] != '/';)
        start--;
    return strndup(path + start, end - start);
}

static int
copy_out_file(struct mayfly *g, const char *remotepath, const char *localdir,
    const char *name, const struct mayfly_file_status_ns *st)
{
    cleanup_error struct error err = {0};
    cleanup_output struct output out = {.fd = -1};
    cleanup_free char *path = text_printf("%s/%s", localdir, name);
    char stream[32];
    struct timespec times[2] = {
        {st->st_mtime_sec, st->st_mtime_nsec},
        {st->st_mtime_sec, st->st_mtime_nsec},
    };

    if (!path || output_open(&out, path, 0600, &err) < 0)
        goto failed;
    snprintf(stream, sizeof stream, "/dev/fd/%d", out.fd);
    if (mayfly_download(g, remotepath, stream) < 0)
        return -1;
    if (fchmod(out.fd, (mode_t)st->st_mode & 0777) < 0 ||
        futimens(out.fd, times) < 0) {
        error_errno(&err, errno, "%s", path);
        goto failed;
    }
    if (output_commit(&out, &err) == 0)
        return 0;

failed:
    error_context(&err, "copy_out");
    return handle_fail(g, &err);
}

static int
copy_out_directory(struct mayfly *g, const char *remotepath,
    const char *localdir, const char *name)
{
    struct worker w = {.g = g, .dir = -1};
    char stream[32];
    pthread_t thread;
    int fd;
    cleanup_close int dir = -1;
    cleanup_close int top = open(localdir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (top < 0) {
        error_errno(&w.error, errno, "%s", localdir);
        goto failed;
    }
    if (*name && mkdirat(top, name, 0700) < 0 && errno != EEXIST) {
        error_errno(&w.error, errno, "%s/%s", localdir, name);
        goto failed;
    }
    dir = openat(top, *name ? name : ".",
        O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (dir < 0) {
        error_errno(&w.error, errno, "%s/%s", localdir, name);
        goto failed;
    }
    w.dir = dir;
    if (start(&w, extract_worker, true, &thread, &fd, stream) < 0)
        goto failed;
    int r = mayfly_tar_out(g, remotepath, stream, NULL);
    close(fd);
    pthread_join(thread, NULL);
    return finish(&w, "copy_out", r);

failed:
    error_context(&w.error, "copy_out");
    return handle_fail(g, &w.error);
}

MAYFLY_PUBLIC int
mayfly_copy_out(struct mayfly *g, const char *remotepath, const char *localdir)
{
    struct mayfly_file_status_ns *st = NULL;
    cleanup_free char *name = last_part(remotepath);
    struct error err = {0};
    int r;

    if (mayfly_statns(g, remotepath, &st) < 0)
        return -1;
    if (!name || str_equal(name, ".") || str_equal(name, "..")) {
        error_set(
            &err, EINVAL, "copy_out: %s has no name of its own", remotepath);
        r = handle_fail(g, &err);
    } else if (S_ISDIR(st->st_mode)) {
        r = copy_out_directory(g, remotepath, localdir, name);
    } else if (S_ISREG(st->st_mode)) {
        r = copy_out_file(g, remotepath, localdir, name, st);
    } else {
        error_set(&err, EINVAL,
            "copy_out: %s is neither a file nor a directory", remotepath);
        r = handle_fail(g, &err);
    }
    mayfly_free_file_status_ns(st);
    return r;
}
