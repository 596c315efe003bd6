/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Making and removing files, directories, links and nodes. */
#include <config.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "appliance/agent/call/call.h"
#include "appliance/agent/call/memory.h"
#include "appliance/agent/guest/path.h"
#include "appliance/agent/tree/walk.h"
#include "base/cleanup.h"
#include "base/strv.h"
#include "ops-files.h"

int
op_touch(struct call *c, const struct api_touch_args *args)
{
    struct stat st;
    char *name;
    cleanup_close int dir = path_open_parent(c, args->path, &name);
    if (dir < 0)
        return -1;

    if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
        !S_ISREG(st.st_mode))
        return call_error(
            c, EINVAL, "%s: touch is for regular files", args->path);
    cleanup_close int fd = openat(dir, name,
        O_WRONLY | O_CREAT | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK | O_CLOEXEC,
        0666);
    if (fd < 0 || futimens(fd, NULL) < 0)
        return call_fail(c, errno, "%s", args->path);
    return 0;
}

static int
remove_name(struct call *c, const char *path, int flags)
{
    char *name;
    cleanup_close int dir = path_open_parent(c, path, &name);

    if (dir < 0)
        return -1;
    if (unlinkat(dir, name, flags) < 0)
        return call_fail(c, errno, "%s", path);
    return 0;
}

int
op_rm(struct call *c, const struct api_rm_args *args)
{
    return remove_name(c, args->path, 0);
}

int
op_rm_f(struct call *c, const struct api_rm_f_args *args)
{
    if (remove_name(c, args->path, 0) == 0)
        return 0;
    if (call_errno(c) != ENOENT)
        return -1;
    call_forgive(c);
    return 0;
}

int
op_rmdir(struct call *c, const struct api_rmdir_args *args)
{
    return remove_name(c, args->path, AT_REMOVEDIR);
}

static int
remove_visit(struct walk *w, const struct walk_file *f)
{
    if (f->type != DT_DIR && unlinkat(f->dirfd, f->name, 0) < 0)
        return call_fail(w->c, errno, "%s/%s", w->top, f->path);
    return 0;
}

/* A directory may hide a name from a reader while others are removed: then
 * it is not empty yet, and the walk is done again. */
static int
remove_leave(struct walk *w, const struct walk_file *f)
{
    bool *again = w->opaque;

    if (unlinkat(f->dirfd, f->name, AT_REMOVEDIR) == 0)
        return 0;
    if (errno != ENOTEMPTY)
        return call_fail(w->c, errno, "%s/%s", w->top, f->path);
    *again = true;
    return 0;
}

int
op_rm_rf(struct call *c, const struct api_rm_rf_args *args)
{
    char *name;
    cleanup_close int dir = path_open_parent(c, args->path, &name);

    if (dir < 0) {
        if (call_errno(c) != ENOENT)
            return -1;
        call_forgive(c);
        return 0;
    }
    if (str_equal(name, "."))
        return call_error(
            c, EINVAL, "%s: the root cannot be removed", args->path);
    if (unlinkat(dir, name, 0) == 0 || errno == ENOENT)
        return 0;
    if (errno != EISDIR)
        return call_fail(c, errno, "%s", args->path);

    for (int turns = 0; turns < 100; turns++) {
        bool again = false;
        struct walk w = {.c = c,
            .top = args->path,
            .visit = remove_visit,
            .leave = remove_leave,
            .opaque = &again};
        int fd =
            openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (fd < 0)
            return call_fail(c, errno, "%s", args->path);
        if (walk_directory(&w, fd) < 0)
            return -1;
        if (!again && unlinkat(dir, name, AT_REMOVEDIR) == 0)
            return 0;
        if (!again && errno != ENOTEMPTY)
            break;
    }
    return call_fail(c, errno, "%s", args->path);
}

static int
make_directory(struct call *c, const char *path, mode_t mode)
{
    char *name;
    cleanup_close int dir = path_open_parent(c, path, &name);

    if (dir < 0)
        return -1;
    if (mkdirat(dir, name, mode) < 0)
        return call_fail(c, errno, "%s", path);
    return 0;
}

int
op_mkdir(struct call *c, const struct api_mkdir_args *args)
{
    return make_directory(c, args->path, 0777);
}

int
op_mkdir_mode(struct call *c, const struct api_mkdir_mode_args *args)
{
    return make_directory(c, args->path, (mode_t)args->mode);
}

/* True if PATH is a directory or a link to one. */
static bool
is_directory(struct call *c, const char *path)
{
    cleanup_close int fd = path_open(c, path, O_PATH | O_DIRECTORY, 0);

    if (fd < 0)
        call_forgive(c);
    return fd >= 0;
}

int
op_mkdir_p(struct call *c, const struct api_mkdir_p_args *args)
{
    char *path = call_strdup(c, args->path);

    if (need_root(c) < 0)
        return -1;
    if (is_directory(c, path))
        return 0;
    for (char *p = path + 1;; p++) {
        if (*p != '/' && *p != 0)
            continue;
        char saved = *p;
        *p = 0;
        if (p[-1] != '/' && make_directory(c, path, 0777) < 0) {
            if (call_errno(c) != EEXIST)
                return -1;
            call_forgive(c);
            if (!is_directory(c, path))
                return call_fail(c, ENOTDIR, "%s", path);
        }
        if (saved == 0)
            return 0;
        *p = saved;
    }
}

/* Make a new name from TMPL by MAKE(dir, name), until one is free. */
static int
make_temporary(struct call *c, const char *tmpl, const char *suffix,
    int (*make)(int dir, const char *name), const char **ret)
{
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    size_t n = strlen(tmpl);
    char *name;

    if (n < 6 || !str_equal(tmpl + n - 6, "XXXXXX"))
        return call_fail(c, EINVAL, "%s: does not end in XXXXXX", tmpl);
    char *path = call_printf(c, "%s%s", tmpl, suffix);
    cleanup_close int dir = path_open_parent(c, path, &name);
    if (dir < 0)
        return -1;

    size_t place = strlen(name) - strlen(suffix) - 6;
    for (int tries = 0; tries < 1000; tries++) {
        unsigned char random[6];
        if (getrandom(random, sizeof random, 0) != sizeof random)
            return call_fail(c, errno, "%s", tmpl);
        for (size_t i = 0; i < 6; i++)
            path[n - 6 + i] = name[place + i] =
                letters[random[i] % (sizeof letters - 1)];
        if (make(dir, name) == 0) {
            *ret = path;
            return 0;
        }
        if (errno != EEXIST)
            return call_fail(c, errno, "%s", path);
    }
    return call_fail(c, EEXIST, "%s", tmpl);
}

static int
make_private_directory(int dir, const char *name)
{
    return mkdirat(dir, name, 0700);
}

static int
make_private_file(int dir, const char *name)
{
    int fd = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

    return fd < 0 ? -1 : close(fd);
}

int
op_mkdtemp(struct call *c, const struct api_mkdtemp_args *args,
    struct api_mkdtemp_ret *ret)
{
    return make_temporary(
        c, args->tmpl, "", make_private_directory, &ret->value);
}

int
op_mktemp(struct call *c, const struct api_mktemp_args *args,
    struct api_mktemp_ret *ret)
{
    const char *suffix = args->suffix ? args->suffix : "";

    if (strchr(suffix, '/'))
        return call_error(c, EINVAL, "suffix '%s' has a '/'", suffix);
    return make_temporary(
        c, args->tmpl, suffix, make_private_file, &ret->value);
}

int
op_rename(struct call *c, const struct api_rename_args *args)
{
    char *old_name, *new_name;
    cleanup_close int old_dir = path_open_parent(c, args->oldpath, &old_name);
    if (old_dir < 0)
        return -1;
    cleanup_close int new_dir = path_open_parent(c, args->newpath, &new_name);
    if (new_dir < 0)
        return -1;

    if (renameat(old_dir, old_name, new_dir, new_name) < 0)
        return call_fail(c, errno, "%s to %s", args->oldpath, args->newpath);
    return 0;
}

/* MODE has the type bits; umask applies. */
static int
make_node(struct call *c, const char *path, mode_t mode, int32_t major_nr,
    int32_t minor_nr)
{
    char *name;
    cleanup_close int dir = path_open_parent(c, path, &name);

    if (dir < 0)
        return -1;
    if (mknodat(dir, name, mode,
            makedev((unsigned)major_nr, (unsigned)minor_nr)) < 0)
        return call_fail(c, errno, "%s", path);
    return 0;
}

int
op_mkfifo(struct call *c, const struct api_mkfifo_args *args)
{
    return make_node(c, args->path, (mode_t)args->mode | S_IFIFO, 0, 0);
}

int
op_mknod(struct call *c, const struct api_mknod_args *args)
{
    return make_node(
        c, args->path, (mode_t)args->mode, args->devmajor, args->devminor);
}

int
op_mknod_b(struct call *c, const struct api_mknod_b_args *args)
{
    return make_node(c, args->path, (mode_t)args->mode | S_IFBLK,
        args->devmajor, args->devminor);
}

int
op_mknod_c(struct call *c, const struct api_mknod_c_args *args)
{
    return make_node(c, args->path, (mode_t)args->mode | S_IFCHR,
        args->devmajor, args->devminor);
}

int
op_umask(struct call *c, const struct api_umask_args *args,
    struct api_umask_ret *ret)
{
    (void)c;
    ret->value = (int32_t)umask((mode_t)args->mask);
    return 0;
}

int
op_get_umask(struct call *c, const struct api_get_umask_args *args,
    struct api_get_umask_ret *ret)
{
    mode_t mask = umask(0);

    (void)c;
    (void)args;
    umask(mask);
    ret->value = (int32_t)mask;
    return 0;
}
