/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Unpacking a tar archive.
 *
 * libarchive reads the archive and restores what is special: directories
 * (whose times it sets at the very end), links, devices, sparse files, access
 * control lists and attributes.  Most entries are plain files, and those are
 * written here: libarchive makes a dozen system calls for each, and copies
 * all content through the page cache. */
#include <config.h>

#include "appliance/agent/unpack.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "appliance/agent/direct.h"
#include "appliance/agent/guest_root.h"
#include "appliance/agent/pack.h"

struct unpack {
    struct call *c;
    struct archive *from, *disk;
    const char *directory;
    struct unpack_options options;
    char *warning; /* the first; the rest is still unpacked */
};

/* Names in an archive are relative to the directory, whatever they say. */
static const char *
relative(const char *path)
{
    while (*path == '/')
        path++;
    return *path ? path : ".";
}

static bool
has_dotdot(const char *path)
{
    for (const char *p = path; p; p = strchr(p, '/'), p = p ? p + 1 : p)
        if (strncmp(p, "..", 2) == 0 && (p[2] == '/' || p[2] == 0))
            return true;
    return false;
}

static void
drop_xattr(struct archive_entry *e, bool (*drop)(const char *name))
{
    const char *name;
    const void *value;
    size_t size;

    if (archive_entry_xattr_count(e) == 0)
        return;
    struct archive_entry *copy = archive_entry_clone(e);
    if (!copy)
        return;
    archive_entry_xattr_clear(e);
    archive_entry_xattr_reset(copy);
    while (archive_entry_xattr_next(copy, &name, &value, &size) == ARCHIVE_OK)
        if (!drop(name))
            archive_entry_xattr_add_entry(e, name, value, size);
    archive_entry_free(copy);
}

static bool
is_label(const char *name)
{
    return str_equal(name, "security.selinux");
}

static bool
is_no_label(const char *name)
{
    return !is_label(name);
}

static int
check_names(struct unpack *u, struct archive_entry *e)
{
    const char *path = archive_entry_pathname(e);
    const char *link = archive_entry_hardlink(e);

    if (!path || has_dotdot(path) || (link && has_dotdot(link)))
        return call_error(u->c, EINVAL, "the archive has a bad name: %s",
            path ? path : "(none)");
    if (*path == '/')
        archive_entry_copy_pathname(e, call_strdup(u->c, relative(path)));
    if (link && *link == '/')
        archive_entry_copy_hardlink(e, call_strdup(u->c, relative(link)));
    return 0;
}

static void
warn(struct unpack *u, struct archive_entry *e, const char *reason)
{
    if (!u->warning)
        u->warning =
            call_printf(u->c, "%s: %s", archive_entry_pathname(e), reason);
}

/* --- plain files and links --- */

static bool
is_plain(struct archive_entry *e)
{
    return !archive_entry_hardlink(e) && archive_entry_xattr_count(e) == 0 &&
           archive_entry_acl_types(e) == 0;
}

static bool
is_plain_file(struct archive_entry *e)
{
    return archive_entry_filetype(e) == AE_IFREG && is_plain(e) &&
           archive_entry_size_is_set(e) && archive_entry_sparse_count(e) == 0;
}

static bool
is_plain_link(struct archive_entry *e)
{
    return archive_entry_filetype(e) == AE_IFLNK && is_plain(e) &&
           archive_entry_symlink(e);
}

/* -1: it is not that simple; libarchive knows what to do, or what to say. */
static int
create_plain(const char *path)
{
    enum { FLAGS = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC };
    int fd = open(path, FLAGS, 0600);

    if (fd < 0 && errno == EEXIST && unlink(path) == 0)
        fd = open(path, FLAGS, 0600);
    return fd;
}

static int
create_link(const char *target, const char *path)
{
    int r = symlink(target, path);

    if (r < 0 && errno == EEXIST && unlink(path) == 0)
        r = symlink(target, path);
    return r;
}

static int
write_plain(struct unpack *u, int fd, const char *path)
{
    struct direct d = {.fd = fd};
    const void *data;
    size_t size;
    int64_t offset;

    for (;;) {
        int r = archive_read_data_block(u->from, &data, &size, &offset);
        if (r == ARCHIVE_EOF)
            return 0;
        if (r < ARCHIVE_WARN)
            return pack_fail(u->c, u->from, "archive");
        if (direct_write(&d, data, size, offset) < 0)
            return call_fail(u->c, errno, "%s", path);
    }
}

/* Owner, mode and times of the file FD, or of the link PATH.  The owner
 * first: to change it takes the set-user-ID bit away. */
static void
restore(struct unpack *u, int fd, const char *path, struct archive_entry *e)
{
    struct timespec times[2] = {
        {archive_entry_atime(e), archive_entry_atime_nsec(e)},
        {archive_entry_mtime(e), archive_entry_mtime_nsec(e)},
    };
    uid_t uid = (uid_t)archive_entry_uid(e);
    gid_t gid = (gid_t)archive_entry_gid(e);

    if (!archive_entry_atime_is_set(e))
        times[0].tv_nsec = UTIME_NOW;
    if (!archive_entry_mtime_is_set(e))
        times[1].tv_nsec = UTIME_NOW;
    if (fd >= 0 ? fchown(fd, uid, gid) < 0 ||
                      fchmod(fd, archive_entry_perm(e)) < 0 ||
                      futimens(fd, times) < 0
                : lchown(path, uid, gid) < 0 ||
                      utimensat(AT_FDCWD, path, times, AT_SYMLINK_NOFOLLOW) < 0)
        warn(u, e, strerror(errno));
}

/* --- all entries --- */

static int
unpack_data(struct unpack *u, const char *path)
{
    const void *data;
    size_t size;
    int64_t offset;

    for (;;) {
        int r = archive_read_data_block(u->from, &data, &size, &offset);
        if (r == ARCHIVE_EOF)
            return 0;
        if (r < ARCHIVE_WARN)
            return pack_fail(u->c, u->from, "archive");
        if (archive_write_data_block(u->disk, data, size, offset) < ARCHIVE_OK)
            return pack_fail(u->c, u->disk, path);
    }
}

static int
unpack_special(struct unpack *u, struct archive_entry *e, const char *path)
{
    int r = archive_write_header(u->disk, e);

    if (r < ARCHIVE_WARN)
        return pack_fail(u->c, u->disk, path);
    if (r == ARCHIVE_WARN)
        warn(u, e, archive_error_string(u->disk));
    if (archive_entry_size(e) > 0 && unpack_data(u, path) < 0)
        return -1;
    r = archive_write_finish_entry(u->disk);
    if (r < ARCHIVE_WARN)
        return pack_fail(u->c, u->disk, path);
    if (r == ARCHIVE_WARN)
        warn(u, e, archive_error_string(u->disk));
    return 0;
}

static int
unpack_entry(struct unpack *u, struct archive_entry *e)
{
    struct stat st;

    if (check_names(u, e) < 0)
        return -1;
    const char *path = archive_entry_pathname(e);
    if (!u->options.xattrs)
        drop_xattr(e, is_no_label);
    if (!u->options.selinux)
        drop_xattr(e, is_label);
    if (!u->options.acls)
        archive_entry_acl_clear(e);
    if (!u->options.keepdirlink && archive_entry_filetype(e) == AE_IFDIR &&
        lstat(path, &st) == 0 && S_ISLNK(st.st_mode) && unlink(path) < 0)
        return call_fail(u->c, errno, "%s", path);

    if (is_plain_link(e) && create_link(archive_entry_symlink(e), path) == 0) {
        restore(u, -1, path, e);
        return 0;
    }
    cleanup_close int fd = is_plain_file(e) ? create_plain(path) : -1;
    if (fd < 0)
        return unpack_special(u, e, path);
    if (write_plain(u, fd, path) < 0)
        return -1;
    restore(u, fd, path, e);
    return 0;
}

static int
unpack_all(struct unpack *u)
{
    struct archive_entry *e;

    for (;;) {
        int r = archive_read_next_header(u->from, &e);
        if (r == ARCHIVE_EOF)
            break;
        if (r < ARCHIVE_WARN)
            return pack_fail(u->c, u->from, "archive");
        if (unpack_entry(u, e) < 0)
            return -1;
    }
    if (archive_write_close(u->disk) < ARCHIVE_OK)
        return pack_fail(u->c, u->disk, u->directory);
    if (u->warning)
        return call_error(u->c, EIO, "%s", u->warning);
    return 0;
}

int
unpack(struct call *c, const char *directory, const char *compress,
    const struct unpack_options *options)
{
    struct unpack *u = call_alloc(c, sizeof *u);

    *u = (struct unpack){.c = c, .directory = directory, .options = *options};
    u->from = pack_new_reader(u->c);
    if (!u->from || pack_read_filter(u->c, u->from, compress) < 0)
        return -1;
    archive_read_support_format_tar(u->from);
    if (guest_root_enter(u->c, u->directory) < 0)
        return -1;
    u->disk = pack_new_disk_writer(u->c,
        UNPACK_ALL | (u->options.acls ? ARCHIVE_EXTRACT_ACL : 0) |
            (u->options.xattrs || u->options.selinux ? ARCHIVE_EXTRACT_XATTR
                                                     : 0));
    if (!u->disk || pack_read_stream(u->c, u->from) < 0 || unpack_all(u) < 0)
        return -1;
    guest_root_leave(u->c);
    return 0;
}
