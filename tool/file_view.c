/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Theory of operation: a file system of one file, served by a thread of this
 * process.
 *
 *     reader -> kernel -> this thread -> source
 *
 * A child waits for file_view_stop or the end of this process, and unmounts. */
#define FUSE_USE_VERSION 31
#include <config.h>

#include "tool/file_view.h"

#include <errno.h>
#include <fcntl.h>
#include <fuse.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/strv.h"

#define FILE_PATH "/raw"

struct file_view {
    struct file_view_source source;
    char *folder; /* the mount point */
    bool made;    /* it exists */
    struct fuse *fuse;
    bool mounted, running;
    pthread_t thread;
    pid_t watcher; /* 0: none */
    int life;      /* the watcher reads the other end */
};

static int
get_attributes(const char *path, struct stat *st, struct fuse_file_info *info)
{
    const struct file_view *v = fuse_get_context()->private_data;

    (void)info;
    *st = (struct stat){.st_uid = getuid(), .st_gid = getgid()};
    if (str_equal(path, "/")) {
        st->st_mode = S_IFDIR | 0500;
        st->st_nlink = 2;
        return 0;
    }
    if (!str_equal(path, FILE_PATH))
        return -ENOENT;
    st->st_mode = S_IFREG | 0400;
    st->st_nlink = 1;
    st->st_size = (off_t)v->source.size;
    st->st_blocks = (blkcnt_t)(v->source.size / 512);
    return 0;
}

static int
open_file(const char *path, struct fuse_file_info *info)
{
    if (!str_equal(path, FILE_PATH))
        return -ENOENT;
    return (info->flags & O_ACCMODE) == O_RDONLY ? 0 : -EROFS;
}

static int
read_bytes(const char *path, char *data, size_t size, off_t offset,
    struct fuse_file_info *info)
{
    const struct file_view *v = fuse_get_context()->private_data;
    const struct file_view_source *s = &v->source;
    uint64_t at = (uint64_t)offset;

    (void)path, (void)info;
    if (offset < 0 || at >= s->size)
        return 0;
    if (size > s->size - at)
        size = (size_t)(s->size - at);
    int r = s->read(s->opaque, data, size, at);
    return r < 0 ? r : (int)size;
}

static const struct fuse_operations operations = {
    .getattr = get_attributes,
    .open = open_file,
    .read = read_bytes,
};

static void *
serve(void *opaque)
{
    struct file_view *v = opaque;

    fuse_loop(v->fuse);
    return NULL;
}

/* The library's messages mean nothing to the user. */
static void
say_nothing(enum fuse_log_level level, const char *format, va_list args)
{
    (void)level, (void)format, (void)args;
}

/* In a process of its own: PROGRAM OPTION FOLDER. */
static void
run(const char *program, const char *option, const char *folder)
{
    pid_t child = fork();

    if (child == 0) {
        execlp(program, program, option, folder, NULL);
        _exit(1);
    }
    if (child > 0)
        waitpid(child, NULL, 0);
}

/* In the child: until a byte comes, or the end of the other side.  What was
 * inherited stays open until all is removed. */
static _Noreturn void
watch(int life, const char *folder)
{
    char byte;

    signal(SIGINT, SIG_IGN);
    signal(SIGTERM, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    while (read(life, &byte, 1) < 0 && errno == EINTR)
        ;
    run("fusermount3", "-uqz", folder);
    if (rmdir(folder) == 0)
        _exit(0);
    run("umount", "-l", folder);
    _exit(rmdir(folder) == 0 ? 0 : 1);
}

static int
start_watcher(struct file_view *v, struct error *err)
{
    int ends[2];

    if (pipe2(ends, O_CLOEXEC) < 0)
        return error_errno(err, errno, "cannot make a pipe");
    v->watcher = fork();
    if (v->watcher == 0) {
        close(ends[1]);
        watch(ends[0], v->folder);
    }
    close(ends[0]);
    v->life = ends[1];
    return v->watcher < 0 ? error_errno(err, errno, "cannot start a process")
                          : 0;
}

/* The watcher unmounts, which ends the thread's loop: a request of ours might
 * come after that end, and wait for ever. */
static void
unmount(struct file_view *v)
{
    int status = 1;

    if (v->watcher <= 0)
        return;
    if (write(v->life, "", 1) != 1)
        kill(v->watcher, SIGKILL);
    while (waitpid(v->watcher, &status, 0) < 0 && errno == EINTR)
        ;
    close(v->life);
    if (status != 0 && v->mounted)
        umount2(v->folder, MNT_DETACH);
}

/* Signals are for the other threads: they may wait for one. */
static int
start_thread(struct file_view *v, struct error *err)
{
    sigset_t all, old;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    int code = pthread_create(&v->thread, NULL, serve, v);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    if (code)
        return error_errno(err, code, "cannot start a thread");
    v->running = true;
    return 0;
}

static int
mount_view(struct file_view *v, struct error *err)
{
    char program[] = "mayfly";
    /* The caged QEMU of root is another user; the folder above is ours. */
    char options[] = "-oro,subtype=mayfly,fsname=mayfly,allow_other";
    char *argv[] = {program, options, NULL};
    struct fuse_args args = {.argc = 2, .argv = argv};

    if (geteuid() != 0)
        *strstr(options, ",allow_other") = 0;
    if (mkdir(v->folder, 0700) < 0)
        return error_errno(err, errno, "cannot make %s", v->folder);
    v->made = true;
    if (start_watcher(v, err) < 0)
        return -1;
    fuse_set_log_func(say_nothing);
    v->fuse = fuse_new(&args, &operations, sizeof operations, v);
    fuse_opt_free_args(&args);
    if (!v->fuse || fuse_mount(v->fuse, v->folder) < 0)
        return error_set(err, ENOTSUP, "cannot mount on %s", v->folder);
    v->mounted = true;
    return start_thread(v, err);
}

int
file_view_start(const char *folder, const struct file_view_source *source,
    struct file_view **ret, char **ret_path, struct error *err)
{
    struct file_view *v = calloc(1, sizeof *v);
    cleanup_free char *path = text_printf("%s" FILE_PATH, folder);

    if (!v || !path || !(v->folder = strdup(folder))) {
        free(v);
        return error_no_memory(err);
    }
    v->source = *source;
    if (mount_view(v, err) < 0) {
        file_view_stop(v);
        return -1;
    }
    *ret = v;
    *ret_path = steal_pointer(&path);
    return 0;
}

void
file_view_stop(struct file_view *v)
{
    if (!v)
        return;
    unmount(v);
    if (v->running)
        pthread_join(v->thread, NULL);
    if (v->mounted)
        fuse_unmount(v->fuse);
    if (v->fuse)
        fuse_destroy(v->fuse);
    if (v->made)
        rmdir(v->folder);
    free(v->folder);
    free(v);
}
