/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Theory of operation: a file system of one file, served by a thread of this
 * process, which reads from the library's export.  So a partition of a Xen
 * guest that is a block device or a qcow2 becomes a piece of a disk without
 * being copied.  A child waits for the end of this process, and unmounts if
 * that came without raw_view_stop. */
#define FUSE_USE_VERSION 31
#include <config.h>

#include "v2v/disks/raw_view.h"

#include <errno.h>
#include <fcntl.h>
#include <fuse.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/strv.h"

#define FILE_PATH "/raw"

struct raw_view {
    struct server server;
    struct nbd_handle *nbd;
    uint64_t size;
    char *folder; /* the mount point */
    struct fuse *fuse;
    bool mounted, running;
    pthread_t thread;
    pid_t watcher; /* 0: none */
    int life;      /* the watcher reads the other end */
};

static int
get_attributes(const char *path, struct stat *st, struct fuse_file_info *info)
{
    const struct raw_view *v = fuse_get_context()->private_data;

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
    st->st_size = (off_t)v->size;
    st->st_blocks = (blkcnt_t)(v->size / 512);
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
read_file(const char *path, char *data, size_t size, off_t offset,
    struct fuse_file_info *info)
{
    const struct raw_view *v = fuse_get_context()->private_data;
    uint64_t at = (uint64_t)offset;

    (void)path, (void)info;
    if (offset < 0 || at >= v->size)
        return 0;
    if (size > v->size - at)
        size = (size_t)(v->size - at);
    return nbd_pread(v->nbd, data, size, at, 0) < 0 ? -EIO : (int)size;
}

static const struct fuse_operations operations = {
    .getattr = get_attributes,
    .open = open_file,
    .read = read_file,
};

static void *
serve(void *opaque)
{
    struct raw_view *v = opaque;

    fuse_loop(v->fuse);
    return NULL;
}

/* The library's messages mean nothing to the user: there is another way. */
static void
say_nothing(enum fuse_log_level level, const char *format, va_list args)
{
    (void)level, (void)format, (void)args;
}

/* In the child: until a byte comes (all is well) or the end of the other
 * side. */
static _Noreturn void
watch(int life, const char *folder)
{
    char byte;

    signal(SIGINT, SIG_IGN);
    signal(SIGTERM, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    if (read(life, &byte, 1) == 1)
        _exit(0);
    execlp("fusermount3", "fusermount3", "-uqz", folder, NULL);
    execlp("umount", "umount", "-l", folder, NULL);
    _exit(1);
}

static int
start_watcher(struct raw_view *v, struct error *err)
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

static void
stop_watcher(struct raw_view *v)
{
    if (v->watcher <= 0)
        return;
    if (write(v->life, "", 1) != 1)
        kill(v->watcher, SIGKILL);
    waitpid(v->watcher, NULL, 0);
    close(v->life);
}

static int
mount_view(struct raw_view *v, struct error *err)
{
    char program[] = "mayfly-v2v";
    /* The caged QEMU of root is another user; the folder above is ours. */
    char options[] = "-oro,subtype=mayfly,fsname=mayfly-v2v,allow_other";
    char *argv[] = {program, options, NULL};
    struct fuse_args args = {.argc = 2, .argv = argv};
    int code;

    if (geteuid() != 0)
        *strstr(options, ",allow_other") = 0;
    if (mkdir(v->folder, 0700) < 0)
        return error_errno(err, errno, "cannot make %s", v->folder);
    if (start_watcher(v, err) < 0)
        return -1;
    fuse_set_log_func(say_nothing);
    v->fuse = fuse_new(&args, &operations, sizeof operations, v);
    fuse_opt_free_args(&args);
    if (!v->fuse || fuse_mount(v->fuse, v->folder) < 0)
        return error_set(err, ENOTSUP, "cannot mount on %s", v->folder);
    v->mounted = true;
    if ((code = pthread_create(&v->thread, NULL, serve, v)))
        return error_errno(err, code, "cannot start a thread");
    v->running = true;
    return 0;
}

static int
start(struct raw_view *v, struct error *err)
{
    int64_t size;

    if (!(v->nbd = server_connect(&v->server, NULL, err)))
        return -1;
    if ((size = nbd_get_size(v->nbd)) < 0)
        return server_fail(err, "NBD");
    v->size = (uint64_t)size;
    return mount_view(v, err);
}

int
raw_view_start(struct server *s, const char *folder, const char *name,
    struct raw_view **ret, char **ret_path, struct error *err)
{
    struct raw_view *v = calloc(1, sizeof *v);
    cleanup_free char *path = text_printf("%s/%s.view" FILE_PATH, folder, name);

    if (!v || !path || !(v->folder = text_printf("%s/%s.view", folder, name))) {
        server_stop(s);
        free(v);
        return error_no_memory(err);
    }
    v->server = *s;
    *s = (struct server){0};
    if (start(v, err) < 0) {
        raw_view_stop(v);
        return -1;
    }
    *ret = v;
    *ret_path = steal_pointer(&path);
    return 0;
}

/* End the thread's loop, which waits for a request. */
static void
end_loop(struct raw_view *v)
{
    cleanup_free char *path = text_printf("%s/end", v->folder);
    struct stat st;

    fuse_exit(v->fuse);
    if (path)
        stat(path, &st);
    pthread_join(v->thread, NULL);
}

void
raw_view_stop(struct raw_view *v)
{
    if (!v)
        return;
    if (v->running)
        end_loop(v);
    if (v->mounted)
        fuse_unmount(v->fuse);
    stop_watcher(v);
    if (v->fuse)
        fuse_destroy(v->fuse);
    nbd_close(v->nbd);
    server_stop(&v->server);
    rmdir(v->folder);
    free(v->folder);
    free(v);
}
