/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What stat(2) reports about files, and changing it. */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "appliance/agent/call/call.h"
#include "appliance/agent/guest/path.h"
#include "base/cleanup.h"
#include "ops-attributes.h"

/* stat of a path; FLAGS: 0 or O_NOFOLLOW. */
static int
stat_path(struct call *c, const char *path, int flags, struct stat *ret)
{
    cleanup_close int fd = path_open(c, path, O_PATH | flags, 0);

    if (fd < 0)
        return -1;
    if (fstat(fd, ret) < 0)
        return call_fail(c, errno, "%s", path);
    return 0;
}

/* Whether a path is of one type; what is not there is of none. */
static int
is_type(struct call *c, const char *path, bool follow, mode_t type, bool *ret)
{
    struct stat st;

    *ret = false;
    if (stat_path(c, path, follow ? 0 : O_NOFOLLOW, &st) < 0) {
        int code = call_errno(c);
        if (code != ENOENT && code != ENOTDIR && !(follow && code == ELOOP))
            return -1;
        call_forgive(c);
        return 0;
    }
    *ret = (st.st_mode & S_IFMT) == type;
    return 0;
}

int
op_exists(struct call *c, const struct api_exists_args *args,
    struct api_exists_ret *ret)
{
    struct stat st;

    if (stat_path(c, args->path, 0, &st) == 0) {
        ret->value = true;
        return 0;
    }
    int code = call_errno(c);
    if (code != ENOENT && code != ENOTDIR && code != ELOOP)
        return -1;
    call_forgive(c);
    ret->value = false;
    return 0;
}

int
op_is_file(struct call *c, const struct api_is_file_args *args,
    struct api_is_file_ret *ret)
{
    return is_type(c, args->path, args->followsymlinks, S_IFREG, &ret->value);
}

int
op_is_dir(struct call *c, const struct api_is_dir_args *args,
    struct api_is_dir_ret *ret)
{
    return is_type(c, args->path, args->followsymlinks, S_IFDIR, &ret->value);
}

int
op_is_symlink(struct call *c, const struct api_is_symlink_args *args,
    struct api_is_symlink_ret *ret)
{
    return is_type(c, args->path, false, S_IFLNK, &ret->value);
}

int
op_is_blockdev(struct call *c, const struct api_is_blockdev_args *args,
    struct api_is_blockdev_ret *ret)
{
    return is_type(c, args->path, args->followsymlinks, S_IFBLK, &ret->value);
}

int
op_is_chardev(struct call *c, const struct api_is_chardev_args *args,
    struct api_is_chardev_ret *ret)
{
    return is_type(c, args->path, args->followsymlinks, S_IFCHR, &ret->value);
}

int
op_is_fifo(struct call *c, const struct api_is_fifo_args *args,
    struct api_is_fifo_ret *ret)
{
    return is_type(c, args->path, args->followsymlinks, S_IFIFO, &ret->value);
}

int
op_is_socket(struct call *c, const struct api_is_socket_args *args,
    struct api_is_socket_ret *ret)
{
    return is_type(c, args->path, args->followsymlinks, S_IFSOCK, &ret->value);
}

int
op_filesize(struct call *c, const struct api_filesize_args *args,
    struct api_filesize_ret *ret)
{
    struct stat st;

    if (stat_path(c, args->file, 0, &st) < 0)
        return -1;
    ret->value = st.st_size;
    return 0;
}

static struct mayfly_file_status
status(const struct stat *st)
{
    return (struct mayfly_file_status){
        .dev = (int64_t)st->st_dev,
        .ino = (int64_t)st->st_ino,
        .mode = st->st_mode,
        .nlink = (int64_t)st->st_nlink,
        .uid = st->st_uid,
        .gid = st->st_gid,
        .rdev = (int64_t)st->st_rdev,
        .size = st->st_size,
        .blksize = st->st_blksize,
        .blocks = st->st_blocks,
        .atime = st->st_atime,
        .mtime = st->st_mtime,
        .ctime = st->st_ctime,
    };
}

static struct mayfly_file_status_ns
status_ns(const struct stat *st)
{
    return (struct mayfly_file_status_ns){
        .st_dev = (int64_t)st->st_dev,
        .st_ino = (int64_t)st->st_ino,
        .st_mode = st->st_mode,
        .st_nlink = (int64_t)st->st_nlink,
        .st_uid = st->st_uid,
        .st_gid = st->st_gid,
        .st_rdev = (int64_t)st->st_rdev,
        .st_size = st->st_size,
        .st_blksize = st->st_blksize,
        .st_blocks = st->st_blocks,
        .st_atime_sec = st->st_atim.tv_sec,
        .st_atime_nsec = st->st_atim.tv_nsec,
        .st_mtime_sec = st->st_mtim.tv_sec,
        .st_mtime_nsec = st->st_mtim.tv_nsec,
        .st_ctime_sec = st->st_ctim.tv_sec,
        .st_ctime_nsec = st->st_ctim.tv_nsec,
    };
}

int
op_stat(
    struct call *c, const struct api_stat_args *args, struct api_stat_ret *ret)
{
    struct stat st;

    if (stat_path(c, args->path, 0, &st) < 0)
        return -1;
    ret->value = status(&st);
    return 0;
}

int
op_lstat(struct call *c, const struct api_lstat_args *args,
    struct api_lstat_ret *ret)
{
    struct stat st;

    if (stat_path(c, args->path, O_NOFOLLOW, &st) < 0)
        return -1;
    ret->value = status(&st);
    return 0;
}

int
op_statns(struct call *c, const struct api_statns_args *args,
    struct api_statns_ret *ret)
{
    struct stat st;

    if (stat_path(c, args->path, 0, &st) < 0)
        return -1;
    ret->value = status_ns(&st);
    return 0;
}

int
op_lstatns(struct call *c, const struct api_lstatns_args *args,
    struct api_lstatns_ret *ret)
{
    struct stat st;

    if (stat_path(c, args->path, O_NOFOLLOW, &st) < 0)
        return -1;
    ret->value = status_ns(&st);
    return 0;
}

int
op_lstatlist(struct call *c, const struct api_lstatlist_args *args,
    struct api_lstatlist_ret *ret)
{
    struct mayfly_file_status *list =
        call_alloc(c, (args->n_names + 1) * sizeof *list);
    struct stat st;
    cleanup_close int dir = path_open(c, args->path, O_PATH | O_DIRECTORY, 0);
    if (dir < 0)
        return -1;

    for (uint32_t i = 0; i < args->n_names; i++) {
        if (fstatat(dir, args->names[i], &st, AT_SYMLINK_NOFOLLOW) == 0)
            list[i] = status(&st);
        else
            list[i].ino = -1;
    }
    ret->value = list;
    ret->n_value = args->n_names;
    return 0;
}

int
op_lstatnslist(struct call *c, const struct api_lstatnslist_args *args,
    struct api_lstatnslist_ret *ret)
{
    struct mayfly_file_status_ns *list =
        call_alloc(c, (args->n_names + 1) * sizeof *list);
    struct stat st;
    cleanup_close int dir = path_open(c, args->path, O_PATH | O_DIRECTORY, 0);
    if (dir < 0)
        return -1;

    for (uint32_t i = 0; i < args->n_names; i++) {
        if (fstatat(dir, args->names[i], &st, AT_SYMLINK_NOFOLLOW) == 0)
            list[i] = status_ns(&st);
        else
            list[i].st_ino = -1;
    }
    ret->value = list;
    ret->n_value = args->n_names;
    return 0;
}

int
op_statvfs(struct call *c, const struct api_statvfs_args *args,
    struct api_statvfs_ret *ret)
{
    struct statvfs st;
    cleanup_close int fd = path_open(c, args->path, O_PATH, 0);

    if (fd < 0)
        return -1;
    if (fstatvfs(fd, &st) < 0)
        return call_fail(c, errno, "%s", args->path);
    ret->value = (struct mayfly_filesystem_status){
        .bsize = (int64_t)st.f_bsize,
        .frsize = (int64_t)st.f_frsize,
        .blocks = (int64_t)st.f_blocks,
        .bfree = (int64_t)st.f_bfree,
        .bavail = (int64_t)st.f_bavail,
        .files = (int64_t)st.f_files,
        .ffree = (int64_t)st.f_ffree,
        .favail = (int64_t)st.f_favail,
        .fsid = (int64_t)st.f_fsid,
        .flag = (int64_t)st.f_flag,
        .namemax = (int64_t)st.f_namemax,
    };
    return 0;
}

int
op_chmod(struct call *c, const struct api_chmod_args *args)
{
    cleanup_close int fd = path_open(c, args->path, O_PATH, 0);

    if (fd < 0)
        return -1;
    if (chmod(fd_path(c, fd), (mode_t)args->mode & 07777) < 0)
        return call_fail(c, errno, "%s", args->path);
    return 0;
}

static int
change_owner(
    struct call *c, const char *path, int32_t owner, int32_t group, int flags)
{
    cleanup_close int fd = path_open(c, path, O_PATH | flags, 0);

    if (fd < 0)
        return -1;
    if (fchownat(fd, "", (uid_t)owner, (gid_t)group, AT_EMPTY_PATH) < 0)
        return call_fail(c, errno, "%s", path);
    return 0;
}

int
op_chown(struct call *c, const struct api_chown_args *args)
{
    return change_owner(c, args->path, args->owner, args->group, 0);
}

int
op_lchown(struct call *c, const struct api_lchown_args *args)
{
    return change_owner(c, args->path, args->owner, args->group, O_NOFOLLOW);
}

static struct timespec
timestamp(int64_t seconds, int64_t nanoseconds)
{
    if (nanoseconds == -1)
        return (struct timespec){0, UTIME_NOW};
    if (nanoseconds == -2)
        return (struct timespec){0, UTIME_OMIT};
    return (struct timespec){seconds, nanoseconds};
}

int
op_utimens(struct call *c, const struct api_utimens_args *args)
{
    struct timespec times[2] = {
        timestamp(args->atsecs, args->atnsecs),
        timestamp(args->mtsecs, args->mtnsecs),
    };
    char *name;
    cleanup_close int dir = path_open_parent(c, args->path, &name);

    if (dir < 0)
        return -1;
    if (utimensat(dir, name, times, AT_SYMLINK_NOFOLLOW) < 0)
        return call_fail(c, errno, "%s", args->path);
    return 0;
}
