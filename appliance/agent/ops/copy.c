/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copying and moving files within the guest. */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "appliance/agent/call/call.h"
#include "appliance/agent/call/memory.h"
#include "appliance/agent/guest/content.h"
#include "appliance/agent/guest/direct.h"
#include "appliance/agent/guest/path.h"
#include "appliance/agent/guest/root.h"
#include "appliance/agent/tree/archive.h"
#include "appliance/agent/tree/pack.h"
#include "base/cleanup.h"
#include "base/strv.h"
#include "ops-copy.h"
#include "ops-files.h"

/* Where a copy of SRC to DEST goes: into DEST, if that is a directory. */
static const char *
destination(struct call *c, const char *src, const char *dest)
{
    cleanup_close int fd = path_open(c, dest, O_PATH | O_DIRECTORY, 0);

    if (fd < 0) {
        call_forgive(c);
        return dest;
    }
    size_t end = strlen(src), start;
    while (end > 1 && src[end - 1] == '/')
        end--;
    for (start = end; start > 0 && src[start - 1] != '/';)
        start--;
    return call_printf(c, "%s/%.*s", dest, (int)(end - start), src + start);
}

/* The same as a path of real directories but for its last part. */
static const char *
real_destination(struct call *c, const char *path)
{
    char *name;
    cleanup_close int dir = path_open_parent(c, path, &name);

    if (dir < 0)
        return NULL;
    if (str_equal(name, ".")) {
        call_fail(c, EEXIST, "%s", path);
        return NULL;
    }
    /* What path_open_parent opened is the path without that name. */
    size_t end = strlen(path);
    while (end > 1 && path[end - 1] == '/')
        end--;
    end -= strlen(name);
    const char *folder = path_real(c, call_strndup(c, path, end));
    if (!folder)
        return NULL;
    return call_printf(c, "%s/%s", str_equal(folder, "/") ? "" : folder, name);
}

/* By the file system itself where it can: the two then share their blocks. */
static int
copy_content(struct call *c, int from, int to, int64_t size, const char *src,
    const char *dest)
{
    char *block;
    ssize_t n;

    if (ioctl(to, FICLONE, from) == 0)
        return 0;
    if (size > 0)
        return direct_copy(c, &(struct direct_copy){
                                  .src = from,
                                  .dest = to,
                                  .src_path = src,
                                  .dest_path = dest,
                                  .size = size,
                                  .sparse = true,
                              });
    /* What /proc has shows only by reading. */
    block = call_alloc(c, CONTENT_CHUNK);
    while ((n = read(from, block, CONTENT_CHUNK)) > 0)
        if (content_write_all(c, to, block, (size_t)n, dest) < 0)
            return -1;
    return n < 0 ? call_fail(c, errno, "%s", src) : 0;
}

int
op_cp(struct call *c, const struct api_cp_args *args)
{
    struct stat a, b;
    cleanup_close int from = content_open(c, args->src);
    if (from < 0)
        return -1;
    if (fstat(from, &a) < 0)
        return call_fail(c, errno, "%s", args->src);

    const char *dest = destination(c, args->src, args->dest);
    cleanup_close int to = path_open(
        c, dest, O_WRONLY | O_CREAT | O_NOCTTY | O_NONBLOCK, a.st_mode & 0777);
    if (to < 0)
        return -1;
    if (fstat(to, &b) < 0)
        return call_fail(c, errno, "%s", dest);
    if (!S_ISREG(b.st_mode))
        return call_error(c, EINVAL, "%s: not a regular file", dest);
    if (a.st_dev == b.st_dev && a.st_ino == b.st_ino)
        return call_error(
            c, EINVAL, "%s and %s are the same file", args->src, dest);
    if (ftruncate(to, 0) < 0)
        return call_fail(c, errno, "%s", dest);
    return copy_content(c, from, to, a.st_size, args->src, dest);
}

/* Copy SRC, whatever it is, to be DEST. */
static int
copy_tree(struct call *c, const char *src, const char *dest, bool everything)
{
    struct stat a, b;
    char *name, *dest_name;
    cleanup_close int dir = path_open_parent(c, src, &name);
    if (dir < 0)
        return -1;
    cleanup_close int dest_dir = path_open_parent(c, dest, &dest_name);
    if (dest_dir < 0)
        return -1;
    if (fstatat(dir, name, &a, AT_SYMLINK_NOFOLLOW) < 0)
        return call_fail(c, errno, "%s", src);
    if (fstatat(dest_dir, dest_name, &b, AT_SYMLINK_NOFOLLOW) == 0) {
        if (a.st_dev == b.st_dev && a.st_ino == b.st_ino)
            return call_error(
                c, EINVAL, "%s and %s are the same file", src, dest);
        if (S_ISDIR(a.st_mode) != S_ISDIR(b.st_mode))
            return call_fail(
                c, S_ISDIR(a.st_mode) ? ENOTDIR : EISDIR, "%s", dest);
    }
    const char *to = real_destination(c, dest);
    if (!to)
        return -1;
    if (S_ISDIR(a.st_mode)) {
        const char *from = path_real(c, src);
        const char *rest = from ? str_after(to, from) : NULL;
        if (!from)
            return -1;
        if (rest && (*rest == '/' || str_equal(from, "/")))
            return call_error(
                c, EINVAL, "cannot copy %s into itself, %s", src, dest);
    }

    if (guest_root_enter(c, "/") < 0)
        return -1;
    struct pack *p = call_alloc(c, sizeof *p);
    *p = (struct pack){.c = c,
        .prefix = "",
        .to_disk = true,
        .xattrs = everything,
        .selinux = everything,
        .acls = everything};
    p->to = pack_new_disk_writer(
        c, everything ? UNPACK_ALL | ARCHIVE_EXTRACT_ACL | ARCHIVE_EXTRACT_XATTR
                      : ARCHIVE_EXTRACT_UNLINK);
    if (!p->to || pack_file(p, dir, name, to, src) < 0)
        return -1;
    /* Now the times of directories are set. */
    if (archive_write_close(p->to) != ARCHIVE_OK)
        return pack_fail(c, p->to, dest);
    guest_root_leave(c);
    return 0;
}

int
op_cp_a(struct call *c, const struct api_cp_a_args *args)
{
    return copy_tree(c, args->src, destination(c, args->src, args->dest), true);
}

int
op_cp_r(struct call *c, const struct api_cp_r_args *args)
{
    return copy_tree(
        c, args->src, destination(c, args->src, args->dest), false);
}

int
op_mv(struct call *c, const struct api_mv_args *args)
{
    const char *dest = destination(c, args->src, args->dest);
    char *name, *dest_name;
    cleanup_close int dir = path_open_parent(c, args->src, &name);
    if (dir < 0)
        return -1;
    cleanup_close int dest_dir = path_open_parent(c, dest, &dest_name);
    if (dest_dir < 0)
        return -1;

    if (renameat(dir, name, dest_dir, dest_name) == 0)
        return 0;
    if (errno != EXDEV)
        return call_fail(c, errno, "%s to %s", args->src, dest);
    if (copy_tree(c, args->src, dest, true) < 0)
        return -1;
    return op_rm_rf(c, &(struct api_rm_rf_args){args->src});
}
