/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The kernel's requests for a mounted guest, answered by calls of the
 * appliance.
 *
 * Nothing is cached here: together with the entries of a directory the kernel
 * gets the attributes of all of them, and keeps those for as long as the mount
 * options say. */
#include <config.h>

#include "lib/mount_local/operations.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>

/* Fits into one request of the channel. */
enum { WRITE_MAX = 512 << 10 };

static struct local_mount *
here(void)
{
    return fuse_get_context()->private_data;
}

static struct mayfly *
handle(void)
{
    return here()->g;
}

/* The kernel's answer for a call that returned R. */
static int
answer(int r)
{
    int code = r < 0 ? mayfly_last_errno(handle()) : 0;

    return r < 0 ? -(code ? code : EIO) : 0;
}

static int
answer_write(int (*call)(struct mayfly *g, const char *path), const char *path)
{
    return here()->read_only ? -EROFS : answer(call(handle(), path));
}

/* --- reading metadata --- */

/* To the host it is all one file system; the file numbers of the guest's file
 * systems and subvolumes must not collide in it. */
static ino_t
file_number(const struct mayfly_file_status_ns *s)
{
    return (uint64_t)s->st_ino ^ (uint64_t)s->st_dev << 48;
}

static void
fill_status(const struct mayfly_file_status_ns *s, struct stat *ret)
{
    *ret = (struct stat){
        .st_ino = file_number(s),
        .st_mode = (mode_t)s->st_mode,
        .st_nlink = (nlink_t)s->st_nlink,
        .st_uid = (uid_t)s->st_uid,
        .st_gid = (gid_t)s->st_gid,
        .st_rdev = (dev_t)s->st_rdev,
        .st_size = s->st_size,
        .st_blksize = s->st_blksize,
        .st_blocks = s->st_blocks,
        .st_atim = {s->st_atime_sec, s->st_atime_nsec},
        .st_mtim = {s->st_mtime_sec, s->st_mtime_nsec},
        .st_ctim = {s->st_ctime_sec, s->st_ctime_nsec},
    };
}

static int
local_getattr(const char *path, struct stat *ret, struct fuse_file_info *fi)
{
    struct mayfly_file_status_ns *s = NULL;

    (void)fi;
    if (mayfly_lstatns(handle(), path, &s) < 0)
        return answer(-1);
    fill_status(s, ret);
    mayfly_free_file_status_ns(s);
    return 0;
}

static bool
is_dots(const char *name)
{
    return str_equal(name, ".") || str_equal(name, "..");
}

/* The kernel knows what "." and ".." are; the call does not take them. */
static int
fill_directory(const char *path, const struct mayfly_dirent_list *entries,
    void *buffer, fuse_fill_dir_t fill)
{
    struct mayfly_file_status_ns_list *status = NULL;
    const char **names = calloc(entries->len + 1, sizeof *names);
    uint32_t n = 0;
    int r = names ? 0 : -ENOMEM;

    for (uint32_t i = 0; r == 0 && i < entries->len; i++) {
        if (is_dots(entries->val[i].name))
            fill(buffer, entries->val[i].name, NULL, 0, 0);
        else
            names[n++] = entries->val[i].name;
    }
    if (r == 0 && mayfly_lstatnslist(handle(), path, names, &status) < 0)
        r = answer(-1);
    for (uint32_t i = 0; r == 0 && i < n && i < status->len; i++) {
        struct stat s;

        /* Removed in the meantime: the kernel asks again and learns it. */
        if (status->val[i].st_ino < 0)
            continue;
        fill_status(&status->val[i], &s);
        if (fill(buffer, names[i], &s, 0, FUSE_FILL_DIR_PLUS) != 0)
            break;
    }
    mayfly_free_file_status_ns_list(status);
    free(names);
    return r;
}

/* This many names and their attributes fit well into one request. */
enum { NAMES_MAX = 1000 };

static int
local_readdir(const char *path, void *buffer, fuse_fill_dir_t fill,
    off_t offset, struct fuse_file_info *fi, enum fuse_readdir_flags flags)
{
    struct mayfly_dirent_list *entries = NULL;
    int r = 0;

    (void)offset;
    (void)fi;
    (void)flags;
    if (mayfly_readdir(handle(), path, &entries) < 0)
        return answer(-1);
    for (uint32_t at = 0; r == 0 && at < entries->len; at += NAMES_MAX) {
        struct mayfly_dirent_list some = {
            .len =
                entries->len - at < NAMES_MAX ? entries->len - at : NAMES_MAX,
            .val = entries->val + at,
        };

        r = fill_directory(path, &some, buffer, fill);
    }
    mayfly_free_dirent_list(entries);
    return r;
}

static int
local_readlink(const char *path, char *buffer, size_t size)
{
    cleanup_free char *target = NULL;

    if (mayfly_readlink(handle(), path, &target) < 0)
        return answer(-1);
    snprintf(buffer, size, "%s", target);
    return 0;
}

static int
local_statfs(const char *path, struct statvfs *ret)
{
    struct mayfly_filesystem_status *s = NULL;

    if (mayfly_statvfs(handle(), path, &s) < 0)
        return answer(-1);
    *ret = (struct statvfs){
        .f_bsize = (unsigned long)s->bsize,
        .f_frsize = (unsigned long)s->frsize,
        .f_blocks = (fsblkcnt_t)s->blocks,
        .f_bfree = (fsblkcnt_t)s->bfree,
        .f_bavail = (fsblkcnt_t)s->bavail,
        .f_files = (fsfilcnt_t)s->files,
        .f_ffree = (fsfilcnt_t)s->ffree,
        .f_favail = (fsfilcnt_t)s->favail,
        .f_fsid = (unsigned long)s->fsid,
        .f_flag = (unsigned long)s->flag,
        .f_namemax = (unsigned long)s->namemax,
    };
    mayfly_free_filesystem_status(s);
    return 0;
}

/* --- content --- */

/* Each call opens the file by name, so only check whether it may be written
 * to. */
static int
local_open(const char *path, struct fuse_file_info *fi)
{
    (void)path;
    if (here()->read_only && (fi->flags & O_ACCMODE) != O_RDONLY)
        return -EROFS;
    return 0;
}

static int
local_read(const char *path, char *buffer, size_t size, off_t offset,
    struct fuse_file_info *fi)
{
    cleanup_free void *data = NULL;
    size_t n = 0;

    (void)fi;
    if (mayfly_pread(handle(), path, (int32_t)size, offset, &data, &n) < 0)
        return answer(-1);
    if (n > size)
        return -EIO;
    memcpy(buffer, data, n);
    return (int)n;
}

static int
local_write(const char *path, const char *buffer, size_t size, off_t offset,
    struct fuse_file_info *fi)
{
    int32_t n = 0;

    (void)fi;
    if (here()->read_only)
        return -EROFS;
    if (mayfly_pwrite(handle(), path, buffer, size, offset, &n) < 0)
        return answer(-1);
    return n;
}

static int
local_truncate(const char *path, off_t size, struct fuse_file_info *fi)
{
    (void)fi;
    if (here()->read_only)
        return -EROFS;
    return answer(mayfly_truncate_size(handle(), path, size));
}

static int
local_fsync(const char *path, int only_data, struct fuse_file_info *fi)
{
    (void)path;
    (void)only_data;
    (void)fi;
    return answer(mayfly_sync(handle()));
}

/* --- names --- */

static int
local_mknod(const char *path, mode_t mode, dev_t device)
{
    if (here()->read_only)
        return -EROFS;
    return answer(mayfly_mknod(handle(), (int32_t)mode, (int32_t)major(device),
        (int32_t)minor(device), path));
}

static int
local_mkdir(const char *path, mode_t mode)
{
    if (here()->read_only)
        return -EROFS;
    return answer(mayfly_mkdir_mode(handle(), path, (int32_t)(mode & 07777)));
}

static int
local_unlink(const char *path)
{
    return answer_write(mayfly_rm, path);
}

static int
local_rmdir(const char *path)
{
    return answer_write(mayfly_rmdir, path);
}

static int
local_symlink(const char *target, const char *path)
{
    if (here()->read_only)
        return -EROFS;
    return answer(mayfly_ln_s(handle(), target, path));
}

static int
local_rename(const char *from, const char *to, unsigned int flags)
{
    if (here()->read_only)
        return -EROFS;
    if (flags)
        return -EINVAL;
    return answer(mayfly_rename(handle(), from, to));
}

static int
local_link(const char *from, const char *to)
{
    if (here()->read_only)
        return -EROFS;
    return answer(mayfly_ln(handle(), from, to));
}

/* --- attributes --- */

static int
local_chmod(const char *path, mode_t mode, struct fuse_file_info *fi)
{
    (void)fi;
    if (here()->read_only)
        return -EROFS;
    return answer(mayfly_chmod(handle(), (int32_t)(mode & 07777), path));
}

/* -1 means the same here as there: no change. */
static int
local_chown(
    const char *path, uid_t user, gid_t group, struct fuse_file_info *fi)
{
    (void)fi;
    if (here()->read_only)
        return -EROFS;
    return answer(mayfly_lchown(handle(), (int32_t)user, (int32_t)group, path));
}

/* The call uses -1 and -2 for the kernel's UTIME_NOW and UTIME_OMIT. */
static int64_t
nanoseconds(const struct timespec *t)
{
    return t->tv_nsec == UTIME_NOW    ? -1
           : t->tv_nsec == UTIME_OMIT ? -2
                                      : t->tv_nsec;
}

static int
local_utimens(
    const char *path, const struct timespec times[2], struct fuse_file_info *fi)
{
    (void)fi;
    if (here()->read_only)
        return -EROFS;
    return answer(mayfly_utimens(handle(), path, times[0].tv_sec,
        nanoseconds(&times[0]), times[1].tv_sec, nanoseconds(&times[1])));
}

static int
local_setxattr(const char *path, const char *name, const char *value,
    size_t size, int flags)
{
    if (here()->read_only)
        return -EROFS;
    (void)flags;
    return answer(
        mayfly_lsetxattr(handle(), name, value, size, (int32_t)size, path));
}

static int
local_getxattr(const char *path, const char *name, char *buffer, size_t size)
{
    cleanup_free void *value = NULL;
    size_t n = 0;

    if (mayfly_lgetxattr(handle(), path, name, &value, &n) < 0)
        return answer(-1);
    if (size == 0)
        return (int)n;
    if (n > size)
        return -ERANGE;
    memcpy(buffer, value, n);
    return (int)n;
}

static int
local_listxattr(const char *path, char *buffer, size_t size)
{
    struct mayfly_xattr_list *list = NULL;
    size_t used = 0;

    if (mayfly_lgetxattrs(handle(), path, &list) < 0)
        return answer(-1);
    for (uint32_t i = 0; i < list->len; i++) {
        size_t n = strlen(list->val[i].attrname) + 1;

        if (size && n <= size - (used < size ? used : size))
            memcpy(buffer + used, list->val[i].attrname, n);
        used += n;
    }
    mayfly_free_xattr_list(list);
    return size && used > size ? -ERANGE : (int)used;
}

static int
local_removexattr(const char *path, const char *name)
{
    if (here()->read_only)
        return -EROFS;
    return answer(mayfly_lremovexattr(handle(), name, path));
}

static void *
local_init(struct fuse_conn_info *connection, struct fuse_config *config)
{
    struct local_mount *m = here();

    connection->max_write = WRITE_MAX;
    config->use_ino = 1;
    config->attr_timeout = m->cache_timeout;
    config->entry_timeout = m->cache_timeout;
    config->nullpath_ok = 0;
    return m;
}

const struct fuse_operations local_operations = {
    .init = local_init,
    .getattr = local_getattr,
    .readdir = local_readdir,
    .readlink = local_readlink,
    .statfs = local_statfs,
    .open = local_open,
    .read = local_read,
    .write = local_write,
    .truncate = local_truncate,
    .fsync = local_fsync,
    .mknod = local_mknod,
    .mkdir = local_mkdir,
    .unlink = local_unlink,
    .rmdir = local_rmdir,
    .symlink = local_symlink,
    .rename = local_rename,
    .link = local_link,
    .chmod = local_chmod,
    .chown = local_chown,
    .utimens = local_utimens,
    .setxattr = local_setxattr,
    .getxattr = local_getxattr,
    .listxattr = local_listxattr,
    .removexattr = local_removexattr,
};
