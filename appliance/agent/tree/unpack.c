/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Unpacking a tar archive.
 *
 * libarchive reads the archive and restores what is special: directories
 * (whose times it sets at the very end), links, devices, sparse files, access
 * control lists and attributes.  Most entries are plain files, and those are
 * written here: libarchive makes a dozen system calls for each, and copies
 * all content through the page cache.
 *
 * A file that replaces one gets, of labels, capabilities and the like, what
 * the archive does not have of it from the one that it replaces. */
#include <config.h>

#include "appliance/agent/tree/unpack.h"

#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "appliance/agent/call/call.h"
#include "appliance/agent/call/memory.h"
#include "appliance/agent/call/worker.h"
#include "appliance/agent/guest/direct.h"
#include "appliance/agent/guest/kept.h"
#include "appliance/agent/guest/root.h"
#include "appliance/agent/tree/archive.h"
#include "base/cleanup.h"
#include "base/strv.h"

enum {
    UNPACK_ALONE = 128,         /* files from which on a worker is worth it */
    UNPACK_WAITING = 64,        /* files that may wait for it */
    UNPACK_LARGEST = 128 << 10, /* bytes; larger ones are written at once */
};

/* A directory that was there before.  libarchive leaves it as it is; tar gives
 * it what the archive says, at the end, when nothing more is made in it. */
struct known_directory {
    struct known_directory *next;
    char *path;
    uid_t uid;
    gid_t gid;
    mode_t mode;
    struct timespec times[2];
};

/* A new file, open, and what goes into it. */
struct new_file {
    int fd;
    uid_t uid;
    gid_t gid;
    mode_t mode;
    struct timespec times[2];
    struct kept *kept; /* of the file that it replaces; NULL: of none */
    char *path;
    size_t size;
    char content[];
};

struct unpack {
    struct call *c;
    struct archive *from, *disk;
    const char *directory;
    struct unpack_options options;
    pthread_mutex_t lock;         /* over the warning */
    char warning[PATH_MAX + 128]; /* the first; the rest is still unpacked */
    struct worker *worker;        /* NULL: there were few files up to now */
    size_t n_files;
    struct known_directory *known; /* the last one first */
    int folder;                    /* the directory of the last entry, or -1 */
    char folder_path[PATH_MAX];
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

/* FAT has no place for owners and nearly none for modes: an archive of the
 * host's files should come in all the same. */
static bool
keeps_owners(const char *path)
{
    struct statfs fs;

    return statfs(path, &fs) < 0 ||
           (fs.f_type != MSDOS_SUPER_MAGIC && fs.f_type != EXFAT_SUPER_MAGIC);
}

static void
warn(struct unpack *u, const char *path, int code, const char *reason)
{
    pthread_mutex_lock(&u->lock);
    if (!*u->warning && (code != EPERM || keeps_owners(path)))
        snprintf(u->warning, sizeof u->warning, "%s: %s", path, reason);
    pthread_mutex_unlock(&u->lock);
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

/* The directory of PATH, and in it *ret_name; the entries of an archive mostly
 * follow each other in one.  -1: there is none yet. */
static int
open_folder(struct unpack *u, const char *path, const char **ret_name)
{
    const char *slash = strrchr(path, '/');
    size_t n = slash ? (size_t)(slash - path) : 0;

    *ret_name = slash ? slash + 1 : path;
    if (n == 0)
        return AT_FDCWD;
    if (u->folder >= 0 && strlen(u->folder_path) == n &&
        memcmp(u->folder_path, path, n) == 0)
        return u->folder;
    if (n >= sizeof u->folder_path)
        return -1;
    if (u->folder >= 0)
        close(u->folder);
    memcpy(u->folder_path, path, n);
    u->folder_path[n] = '\0';
    u->folder = open(u->folder_path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    return u->folder;
}

/* It may become something else. */
static void
forget_folder(struct unpack *u)
{
    if (u->folder >= 0)
        close(u->folder);
    u->folder = -1;
}

/* -1: it is not that simple; libarchive knows what to do, or what to say. */
static int
create_plain(
    struct unpack *u, const char *path, mode_t mode, struct kept **ret_kept)
{
    enum { FLAGS = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC };
    const char *name;
    int folder = open_folder(u, path, &name);

    if (folder == -1 || !*name)
        return -1;
    int fd = openat(folder, name, FLAGS, mode);
    if (fd >= 0 || errno != EEXIST)
        return fd;
    struct kept *kept = kept_read(path);
    if (unlinkat(folder, name, 0) == 0)
        fd = openat(folder, name, FLAGS, mode);
    if (fd >= 0)
        *ret_kept = kept;
    else
        kept_free(kept);
    return fd;
}

static void
give_kept(struct unpack *u, const struct kept *kept, int fd, const char *path)
{
    if (kept_restore(kept, fd, path) < 0)
        warn(u, path, errno, strerror(errno));
}

static int
create_link(struct unpack *u, const char *target, const char *path,
    int *ret_folder, const char **ret_name)
{
    int folder = *ret_folder = open_folder(u, path, ret_name);

    if (folder == -1 || !**ret_name)
        return -1;
    int r = symlinkat(target, folder, *ret_name);
    if (r == 0 || errno != EEXIST)
        return r;
    struct kept *kept = kept_read(path);
    if (unlinkat(folder, *ret_name, 0) == 0)
        r = symlinkat(target, folder, *ret_name);
    if (r == 0)
        give_kept(u, kept, -1, path);
    kept_free(kept);
    return r;
}

/* The content of the entry, into the file FD; -1: where libarchive writes. */
static int
write_content(struct unpack *u, int fd, const char *path)
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
        if (fd < 0 &&
            archive_write_data_block(u->disk, data, size, offset) < ARCHIVE_OK)
            return pack_fail(u->c, u->disk, path);
        if (fd >= 0 && direct_write(&d, data, size, offset) < 0)
            return call_fail(u->c, errno, "%s", path);
    }
}

static void
entry_times(struct archive_entry *e, struct timespec ret[2])
{
    ret[0] =
        (struct timespec){archive_entry_atime(e), archive_entry_atime_nsec(e)};
    ret[1] =
        (struct timespec){archive_entry_mtime(e), archive_entry_mtime_nsec(e)};
    if (!archive_entry_atime_is_set(e))
        ret[0].tv_nsec = UTIME_NOW;
    if (!archive_entry_mtime_is_set(e))
        ret[1].tv_nsec = UTIME_NOW;
}

static struct new_file
describe(int fd, struct archive_entry *e, struct kept *kept)
{
    struct new_file f = {
        .fd = fd,
        .kept = kept,
        .uid = (uid_t)archive_entry_uid(e),
        .gid = (gid_t)archive_entry_gid(e),
        .mode = archive_entry_perm(e),
        .path = (char *)(uintptr_t)archive_entry_pathname(e),
        .size = (size_t)archive_entry_size(e),
    };

    entry_times(e, f.times);
    return f;
}

/* Each change of an inode is a transaction, to look at it is not.  The owner
 * first: to change it takes the set-user-ID bit and capabilities away. */
static void
restore_file(struct unpack *u, const struct new_file *f)
{
    struct stat st;

    if (fstat(f->fd, &st) == 0 &&
        (st.st_uid != f->uid || st.st_gid != f->gid) &&
        fchown(f->fd, f->uid, f->gid) < 0)
        warn(u, f->path, errno, strerror(errno));
    if (f->kept)
        give_kept(u, f->kept, f->fd, f->path);
    if (futimens(f->fd, f->times) < 0 || fstat(f->fd, &st) < 0 ||
        ((st.st_mode & 07777) != f->mode && fchmod(f->fd, f->mode) < 0))
        warn(u, f->path, errno, strerror(errno));
}

/* --- files that are written by the worker --- */

static void
drop_file(void *file)
{
    struct new_file *f = file;

    close(f->fd);
    kept_free(f->kept);
    free(f->path);
    free(f);
}

static int
write_file(void *opaque, void *file)
{
    struct unpack *u = opaque;
    struct new_file *f = file;
    struct direct d = {.fd = f->fd};
    int r = 0;

    if (direct_write(&d, f->content, f->size, 0) < 0)
        r = call_fail(u->c, errno, "%s", f->path);
    else
        restore_file(u, f);
    drop_file(f);
    return r;
}

/* Whether the file is for the worker: if that has less to do than we.  -1:
 * the call has failed. */
static int
may_wait(struct unpack *u, struct archive_entry *e)
{
    if (archive_entry_size(e) > UNPACK_LARGEST || ++u->n_files <= UNPACK_ALONE)
        return 0;
    if (!u->worker)
        u->worker = worker_start(u->c, &(struct worker_job){.work = write_file,
                                           .drop = drop_file,
                                           .opaque = u,
                                           .room = UNPACK_WAITING});
    return u->worker ? worker_has_room(u->worker) : -1;
}

static int
give_file(struct unpack *u, int fd, struct archive_entry *e, struct kept *kept)
{
    cleanup_close int owned = fd;
    struct new_file described = describe(fd, e, kept);
    struct new_file *f = malloc(sizeof *f + described.size);
    char *path = strdup(described.path);
    size_t done = 0;
    la_ssize_t n = 0;

    if (!f || !path) {
        kept_free(kept);
        free(path);
        free(f);
        return call_fail(u->c, ENOMEM, "%s", described.path);
    }
    *f = described;
    f->path = path;
    f->fd = steal_fd(&owned);
    while (done < f->size && (n = archive_read_data(u->from, f->content + done,
                                  f->size - done)) > 0)
        done += (size_t)n;
    if (done == f->size && worker_give(u->worker, f) == 0)
        return 0;
    if (done < f->size && !call_errno(u->c))
        pack_fail(u->c, u->from, "archive");
    drop_file(f);
    return -1;
}

static void
restore_link(
    struct unpack *u, int folder, const char *name, struct archive_entry *e)
{
    uid_t uid = (uid_t)archive_entry_uid(e);
    gid_t gid = (gid_t)archive_entry_gid(e);
    struct timespec times[2];
    struct stat st;

    entry_times(e, times);
    if (fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
        ((st.st_uid != uid || st.st_gid != gid) &&
            fchownat(folder, name, uid, gid, AT_SYMLINK_NOFOLLOW) < 0) ||
        utimensat(folder, name, times, AT_SYMLINK_NOFOLLOW) < 0)
        warn(u, archive_entry_pathname(e), errno, strerror(errno));
}

/* --- directories --- */

static void
remember_directory(struct unpack *u, struct archive_entry *e, const char *path)
{
    struct known_directory *d = call_alloc(u->c, sizeof *d);

    *d = (struct known_directory){
        .next = u->known,
        .path = call_strdup(u->c, path),
        .uid = (uid_t)archive_entry_uid(e),
        .gid = (gid_t)archive_entry_gid(e),
        .mode = archive_entry_perm(e),
    };
    entry_times(e, d->times);
    u->known = d;
}

static void
restore_directories(struct unpack *u)
{
    for (const struct known_directory *d = u->known; d; d = d->next) {
        cleanup_close int fd =
            open(d->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

        if (fd < 0 || futimens(fd, d->times) < 0 ||
            fchown(fd, d->uid, d->gid) < 0 || fchmod(fd, d->mode) < 0)
            warn(u, d->path, errno, strerror(errno));
    }
}

/* --- all entries --- */

/* What the archive says of an entry counts. */
static struct kept *
kept_for(struct archive_entry *e, const char *path)
{
    struct stat st;
    const char *name;
    const void *value;
    size_t size;

    if (archive_entry_hardlink(e) || lstat(path, &st) < 0 ||
        S_ISDIR(st.st_mode) || archive_entry_filetype(e) == AE_IFDIR)
        return NULL;
    struct kept *kept = kept_read(path);
    archive_entry_xattr_reset(e);
    while (archive_entry_xattr_next(e, &name, &value, &size) == ARCHIVE_OK)
        kept_forget(kept, name);
    if (archive_entry_acl_types(e))
        kept_forget(kept, "system.posix_acl_access");
    return kept;
}

static int
write_special(struct unpack *u, struct archive_entry *e, const char *path)
{
    int r = archive_write_header(u->disk, e);

    if (r < ARCHIVE_WARN)
        return pack_fail(u->c, u->disk, path);
    if (r == ARCHIVE_WARN)
        warn(u, path, archive_errno(u->disk), archive_error_string(u->disk));
    if (archive_entry_size(e) > 0 && write_content(u, -1, path) < 0)
        return -1;
    r = archive_write_finish_entry(u->disk);
    if (r < ARCHIVE_WARN)
        return pack_fail(u->c, u->disk, path);
    if (r == ARCHIVE_WARN)
        warn(u, path, archive_errno(u->disk), archive_error_string(u->disk));
    return 0;
}

static int
unpack_special(struct unpack *u, struct archive_entry *e, const char *path)
{
    struct kept *kept = kept_for(e, path);
    int r = write_special(u, e, path);

    if (r == 0)
        give_kept(u, kept, -1, path);
    if (r == 0 && kept_has_acl(kept) && chmod(path, archive_entry_perm(e)) < 0)
        warn(u, path, errno, strerror(errno));
    kept_free(kept);
    return r;
}

static int
unpack_entry(struct unpack *u, struct archive_entry *e)
{
    struct stat st;
    bool directory = archive_entry_filetype(e) == AE_IFDIR;

    if (check_names(u, e) < 0)
        return -1;
    const char *path = archive_entry_pathname(e);
    if (!u->options.xattrs)
        drop_xattr(e, is_no_label);
    if (!u->options.selinux)
        drop_xattr(e, is_label);
    if (!u->options.acls)
        archive_entry_acl_clear(e);
    if (!u->options.keepdirlink && directory && lstat(path, &st) == 0 &&
        S_ISLNK(st.st_mode) && unlink(path) < 0)
        return call_fail(u->c, errno, "%s", path);
    if (directory && stat(path, &st) == 0 && S_ISDIR(st.st_mode))
        remember_directory(u, e, path);

    int folder;
    const char *name;
    if (is_plain_link(e) &&
        create_link(u, archive_entry_symlink(e), path, &folder, &name) == 0) {
        restore_link(u, folder, name, e);
        return 0;
    }
    struct kept *kept = NULL;
    cleanup_close int fd =
        is_plain_file(e)
            ? create_plain(u, path, archive_entry_perm(e) & 0777, &kept)
            : -1;
    if (fd < 0) {
        forget_folder(u);
        return unpack_special(u, e, path);
    }
    int wait = may_wait(u, e);
    if (wait != 0)
        return wait < 0 ? -1 : give_file(u, steal_fd(&fd), e, kept);
    struct new_file f = describe(fd, e, kept);
    int r = write_content(u, fd, path);
    if (r == 0)
        restore_file(u, &f);
    kept_free(kept);
    return r;
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
    if (u->worker && worker_end(u->worker) < 0)
        return -1;
    if (archive_write_close(u->disk) < ARCHIVE_OK)
        return pack_fail(u->c, u->disk, u->directory);
    restore_directories(u);
    if (*u->warning)
        return call_error(u->c, EIO, "%s", u->warning);
    return 0;
}

static void
unpack_end(void *opaque)
{
    struct unpack *u = opaque;

    forget_folder(u);
    pthread_mutex_destroy(&u->lock);
}

int
unpack(
    struct call *c, const char *directory, const struct unpack_options *options)
{
    struct unpack *u = call_alloc(c, sizeof *u);

    *u = (struct unpack){
        .c = c, .directory = directory, .options = *options, .folder = -1};
    pthread_mutex_init(&u->lock, NULL);
    call_defer(c, unpack_end, u);
    u->from = pack_new_reader(u->c);
    if (!u->from)
        return -1;
    archive_read_support_format_tar(u->from);
    if (guest_root_enter(u->c, u->directory) < 0)
        return -1;
    /* FAT has no place for these either, and files of the host may have
     * them. */
    if (!keeps_owners("."))
        u->options.xattrs = u->options.selinux = u->options.acls = false;
    u->disk = pack_new_disk_writer(u->c,
        UNPACK_ALL | (u->options.acls ? ARCHIVE_EXTRACT_ACL : 0) |
            (u->options.xattrs || u->options.selinux ? ARCHIVE_EXTRACT_XATTR
                                                     : 0));
    if (!u->disk || pack_read_stream(u->c, u->from) < 0 || unpack_all(u) < 0)
        return -1;
    guest_root_leave(u->c);
    return 0;
}
