/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* copy_in and copy_out: one tar stream, made or unpacked on the host. */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "lib/transfer/collect.h"
#include "lib/transfer/extract.h"
#include "lib/transfer/worker.h"

static int
fail(struct mayfly *g, const char *call, struct error *err)
{
    error_context(err, "%s", call);
    return handle_fail(g, err);
}

struct collecting {
    const char *path;
    struct skipped skipped;
};

static int
run_collect(int fd, void *opaque, struct error *err)
{
    struct collecting *k = opaque;

    return collect_tar(k->path, fd, &k->skipped, err);
}

static void
report_skipped(struct mayfly *g, struct skipped *s, const char *what)
{
    if (s->n == 1)
        handle_warning(g, "%s: not copied: it is a %s", s->first, what);
    else if (s->n > 1)
        handle_warning(g, "%s and %zu more: not copied: each is a %s", s->first,
            s->n - 1, what);
    free(s->first);
}

MAYFLY_PUBLIC int
mayfly_copy_in(struct mayfly *g, const char *localpath, const char *remotedir)
{
    cleanup_free char *path = localpath ? strdup(localpath) : NULL;
    struct collecting k = {.path = path};
    struct pipe_worker w = {.g = g, .run = run_collect, .opaque = &k};
    struct mayfly_tar_in_options options = {
        .set = MAYFLY_TAR_IN_XATTRS | MAYFLY_TAR_IN_ACLS,
        .xattrs = true,
        .acls = true};
    struct error err = {0};
    bool is_dir;

    if (mayfly_is_dir(g, remotedir,
            &(struct mayfly_is_dir_options){
                .set = MAYFLY_IS_DIR_FOLLOWSYMLINKS, .followsymlinks = true},
            &is_dir) < 0)
        return fail_as(g, "copy_in", "is_dir");
    if (!path || !is_dir) {
        if (is_dir)
            error_set(&err, EINVAL, "no local path");
        else
            error_set(
                &err, ENOTDIR, "%s: not a directory in the guest", remotedir);
        return fail(g, "copy_in", &err);
    }
    if (pipe_worker_start(&w, false, "copy_in") < 0)
        return -1;
    int r = pipe_worker_finish(&w, "copy_in", "tar_in",
        mayfly_tar_in(g, w.stream, remotedir, &options));
    report_skipped(g, &k.skipped, "socket");
    return r;
}

/* The name for PATH of the guest in the archive: its last part; "" for the
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
    struct error err = {0};
    cleanup_output struct output out = {.fd = -1};
    cleanup_free char *path = text_printf("%s/%s", localdir, name);
    char stream[32];
    struct timespec times[2] = {
        {st->st_mtime_sec, st->st_mtime_nsec},
        {st->st_mtime_sec, st->st_mtime_nsec},
    };

    if (!path || output_open(&out, path, 0600, &err) < 0)
        return fail(g, "copy_out", &err);
    snprintf(stream, sizeof stream, "/dev/fd/%d", out.fd);
    if (mayfly_download(g, remotepath, stream) < 0)
        return fail_as(g, "copy_out", "download");
    if (fchmod(out.fd, (mode_t)st->st_mode & 0777) < 0 ||
        futimens(out.fd, times) < 0) {
        error_errno(&err, errno, "%s", path);
        return fail(g, "copy_out", &err);
    }
    return output_commit(&out, &err) < 0 ? fail(g, "copy_out", &err) : 0;
}

struct extracting {
    int dir;
    struct skipped skipped;
};

static int
run_extract(int fd, void *opaque, struct error *err)
{
    struct extracting *k = opaque;

    return extract_tar(fd, k->dir, &k->skipped, err);
}

/* The directory NAME in LOCALDIR, made if it does not exist. */
static int
open_target(const char *localdir, const char *name, struct error *err)
{
    cleanup_close int top = open(localdir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (top < 0)
        return error_errno(err, errno, "%s", localdir);
    if (*name && mkdirat(top, name, 0700) < 0 && errno != EEXIST)
        return error_errno(err, errno, "%s/%s", localdir, name);
    int dir = openat(top, *name ? name : ".",
        O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (dir < 0)
        return error_errno(err, errno, "%s/%s", localdir, name);
    return dir;
}

static int
copy_out_directory(struct mayfly *g, const char *remotepath,
    const char *localdir, const char *name)
{
    struct error err = {0};
    cleanup_close int dir = open_target(localdir, name, &err);
    struct extracting k = {.dir = dir};
    struct pipe_worker w = {.g = g, .run = run_extract, .opaque = &k};

    if (dir < 0)
        return fail(g, "copy_out", &err);
    if (pipe_worker_start(&w, true, "copy_out") < 0)
        return -1;
    int r = pipe_worker_finish(&w, "copy_out", "tar_out",
        mayfly_tar_out(g, remotepath, w.stream, NULL));
    report_skipped(g, &k.skipped, "device or a pipe");
    return r;
}

MAYFLY_PUBLIC int
mayfly_copy_out(struct mayfly *g, const char *remotepath, const char *localdir)
{
    struct mayfly_file_status_ns *st = NULL;
    struct error err = {0};
    int r;

    if (!localdir) {
        error_set(&err, EINVAL, "no local directory");
        return fail(g, "copy_out", &err);
    }
    if (mayfly_statns(g, remotepath, &st) < 0)
        return fail_as(g, "copy_out", "statns");
    cleanup_free char *name = last_part(remotepath);
    if (!name || str_equal(name, ".") || str_equal(name, "..")) {
        error_set(&err, EINVAL, "%s has no name of its own", remotepath);
        r = fail(g, "copy_out", &err);
    } else if (S_ISDIR(st->st_mode)) {
        r = copy_out_directory(g, remotepath, localdir, name);
    } else if (S_ISREG(st->st_mode)) {
        r = copy_out_file(g, remotepath, localdir, name, st);
    } else {
        error_set(
            &err, EINVAL, "%s is neither a file nor a directory", remotepath);
        r = fail(g, "copy_out", &err);
    }
    mayfly_free_file_status_ns(st);
    return r;
}
