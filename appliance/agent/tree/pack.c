/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Theory of operation: a walk over the tree makes one archive_entry for each
 * file.  The walk works with descriptors, but ACLs and attributes have to be
 * read by name; so the working directory follows the walk.  That, and writing
 * by name, is why all is done within the guest's root: no path leads out, and
 * leaving the root puts the working directory back. */
#include <config.h>

#include "appliance/agent/tree/pack.h"

#include <archive_entry.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "appliance/agent/call/call.h"
#include "appliance/agent/call/memory.h"
#include "appliance/agent/call/stream.h"
#include "appliance/agent/guest/content.h"
#include "appliance/agent/guest/direct.h"
#include "appliance/agent/tree/archive.h"
#include "appliance/agent/tree/batch.h"
#include "appliance/agent/tree/file_queue.h"
#include "appliance/agent/tree/walk.h"
#include "base/cleanup.h"
#include "base/strv.h"
#include "wire/frame.h"

/* An entry that waits in the queue. */
struct packed {
    struct archive_entry *entry;
    char *shown;
};

/* Fail at PATH below the top, or at the top itself (NULL). */
static int
fail(const struct pack *p, int code, const char *path)
{
    if (!path)
        return call_fail(p->c, code, "%s", p->top);
    return call_fail(
        p->c, code, "%s/%s", str_equal(p->top, "/") ? "" : p->top, path);
}

static int
fail_archive(const struct pack *p, struct archive *a, const char *path)
{
    return pack_fail(p->c, a, path ? path : p->top);
}

/* Whether PATH, or what follows any "/" of it, matches; so does whatever
 * is below a directory that matches. */
static bool
excluded(const struct pack *p, const char *path)
{
    for (uint32_t i = 0; i < p->n_excludes; i++)
        for (const char *s = path; s; s = strchr(s, '/'), s = s ? s + 1 : s)
            if (fnmatch(p->excludes[i], s, FNM_LEADING_DIR) == 0)
                return true;
    return false;
}

/* Drop the attributes that are not asked for. */
static void
filter_xattrs(const struct pack *p, struct archive_entry *e)
{
    struct list kept = {0};
    struct kept {
        const char *name;
        const void *value;
        size_t size;
    };
    const char *name;
    const void *value;
    size_t size;
    bool dropped = false;

    archive_entry_xattr_reset(e);
    while (archive_entry_xattr_next(e, &name, &value, &size) == ARCHIVE_OK) {
        bool label = str_equal(name, "security.selinux");
        if (label ? !p->selinux : !p->xattrs) {
            dropped = true;
            continue;
        }
        *list_add(p->c, &kept, struct kept) =
            (struct kept){call_strdup(p->c, name),
                memcpy(call_alloc(p->c, size + 1), value, size), size};
    }
    if (!dropped)
        return;
    archive_entry_xattr_clear(e);
    const struct kept *k = kept.items;
    for (uint32_t i = 0; i < kept.n; i++)
        archive_entry_xattr_add_entry(e, k[i].name, k[i].value, k[i].size);
}

static int
add_attributes(struct pack *p, struct archive_entry *e, int dir,
    const char *name, const struct stat *st, const char *shown)
{
    if (fchdir(dir) < 0)
        return fail(p, errno, shown);
    archive_entry_copy_sourcepath(e, name);
    if (archive_read_disk_entry_from_file(p->disk, e, -1, st) < ARCHIVE_WARN)
        return fail_archive(p, p->disk, shown);
    filter_xattrs(p, e);
    return 0;
}

/* A file whose content goes into the archive. */
struct sent {
    struct pack *p;
    const char *shown;
};

static int
take_bytes(void *opaque, void *data, size_t size)
{
    const struct sent *s = opaque;

    return archive_write_data(s->p->to, data, size) < 0
               ? fail_archive(s->p, s->p->to, s->shown)
               : 0;
}

/* Only what is between the holes, each piece at its place. */
static int
write_pieces(struct pack *p, int fd, int64_t size, const char *shown)
{
    off_t data = 0, hole;

    while (data < size) {
        off_t next = lseek(fd, data, SEEK_DATA);
        if (next < 0 && errno == ENXIO)
            return 0;
        data = next < 0 ? data : next;
        hole = next < 0 ? size : lseek(fd, data, SEEK_HOLE);
        hole = hole < 0 || hole > size ? size : hole;
        while (data < hole) {
            size_t want = hole - data < CONTENT_CHUNK ? (size_t)(hole - data)
                                                      : CONTENT_CHUNK;
            ssize_t n = pread(fd, p->block, want, data);
            if (n <= 0)
                return fail(p, n < 0 ? errno : EIO, shown);
            if (archive_write_data_block(p->to, p->block, (size_t)n, data) <
                ARCHIVE_OK)
                return fail_archive(p, p->to, shown);
            data += n;
            if (call_cancelled(p->c))
                return fail(p, ECANCELED, shown);
        }
    }
    return 0;
}

static int
write_batched(struct pack *p, struct batch *batch, int number, int64_t size,
    const char *shown)
{
    const void *data = batch_content(batch, number, (size_t)size);

    if (!data)
        return fail(p, errno, shown);
    if (archive_write_data(p->to, data, (size_t)size) < 0)
        return fail_archive(p, p->to, shown);
    return 0;
}

static int
write_content(struct pack *p, int fd, int64_t size, const char *shown)
{
    struct sent sent = {p, shown};

    if (p->to_disk)
        return write_pieces(p, fd, size, shown);
    if (direct_each(fd, size, p->block, take_bytes, &sent) < 0)
        return call_errno(p->c) ? -1 : fail(p, errno, shown);
    return 0;
}

static int
write_entry(struct pack *p, struct batch *batch, const struct queued_file *f)
{
    const struct packed *packed = f->what;
    const char *shown = packed->shown;

    if (archive_write_header(p->to, packed->entry) < ARCHIVE_WARN)
        return fail_archive(p, p->to, shown);
    if (f->number >= 0 &&
        write_batched(p, batch, f->number, f->size, shown) < 0)
        return -1;
    if (f->fd >= 0 && write_content(p, f->fd, f->size, shown) < 0)
        return -1;
    if (archive_write_finish_entry(p->to) < ARCHIVE_WARN)
        return fail_archive(p, p->to, shown);
    return 0;
}

static int
write_queued(void *opaque, struct batch *batch, const struct queued_file *files,
    size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (write_entry(opaque, batch, &files[i]) < 0)
            return -1;
    return 0;
}

static void
release_packed(void *what)
{
    struct packed *packed = what;

    archive_entry_free(packed->entry);
    free(packed->shown);
    free(packed);
}

static bool
has_content(struct archive_entry *e)
{
    return archive_entry_filetype(e) == AE_IFREG && archive_entry_size(e) > 0 &&
           !archive_entry_hardlink(e);
}

/* A copy within a disk may be about to replace the file by itself. */
static int
write_at_once(struct pack *p, struct queued_file *f)
{
    int r;

    f->number = -1;
    r = write_entry(p, NULL, f);
    if (f->fd >= 0)
        close(f->fd);
    release_packed(f->what);
    return r;
}

/* Takes E, the file NAME in the directory DIR, which is opened at once. */
static int
add_entry(struct pack *p, struct archive_entry *e, int dir, const char *name,
    const char *shown)
{
    struct packed *packed = malloc(sizeof *packed);
    struct queued_file f = {.fd = -1,
        .size = archive_entry_size(e),
        .inode = (ino_t)archive_entry_ino(e),
        .what = packed};

    if (!packed) {
        archive_entry_free(e);
        return fail(p, ENOMEM, shown);
    }
    *packed = (struct packed){e, shown ? strdup(shown) : NULL};
    if (has_content(e)) {
        f.fd = file_queue_open(&p->queue, dir, name, f.size);
        if (f.fd < 0) {
            fail(p, errno, shown);
            release_packed(packed);
            return -1;
        }
    }
    return p->to_disk ? write_at_once(p, &f) : file_queue_add(&p->queue, &f);
}

static int
pack_one(struct pack *p, int dir, const char *name, const char *path,
    const struct stat *st, const char *shown)
{
    char target[PATH_MAX];
    struct archive_entry *e, *spare = NULL;

    /* No archive has sockets, and they are nothing without their owner. */
    if (S_ISSOCK(st->st_mode))
        return 0;
    e = archive_entry_new();
    if (!e)
        return fail(p, ENOMEM, shown);
    archive_entry_copy_stat(e, st);
    archive_entry_copy_pathname(e, path);
    archive_entry_unset_ctime(e);
    archive_entry_unset_birthtime(e);
    if (!p->to_disk)
        archive_entry_unset_atime(e);
    if (p->names && st->st_uid == 0)
        archive_entry_copy_uname(e, "root");
    if (p->names && st->st_gid == 0)
        archive_entry_copy_gname(e, "root");

    int r = 0;
    if (p->disk)
        r = add_attributes(p, e, dir, name, st, shown);
    if (r == 0 && S_ISLNK(st->st_mode)) {
        ssize_t n = readlinkat(dir, name, target, sizeof target - 1);
        target[n < 0 ? 0 : n] = 0;
        archive_entry_copy_symlink(e, target);
        archive_entry_set_size(e, 0);
        if (n < 0)
            r = fail(p, errno, shown);
    }
    if (r < 0) {
        archive_entry_free(e);
        return -1;
    }
    archive_entry_linkify(p->links, &e, &spare);
    return add_entry(p, e, dir, name, shown);
}

static int
pack_visit(struct walk *w, const struct walk_file *f)
{
    struct pack *p = w->opaque;
    char path[2 * PATH_MAX];

    size_t n = strlen(p->prefix);
    if (n + f->length + 1 > sizeof path)
        return call_fail(w->c, ENAMETOOLONG, "%s", f->path);
    memcpy(path, p->prefix, n);
    memcpy(path + n, f->path, f->length + 1);
    if (excluded(p, path))
        return 1;
    return pack_one(p, f->dirfd, f->name, path, &f->st, f->path);
}

static void
free_pack(void *opaque)
{
    struct pack *p = opaque;

    archive_entry_linkresolver_free(p->links);
    archive_read_free(p->disk);
}

static int
prepare(struct pack *p)
{
    if (p->links)
        return 0;
    p->block = bulk_buffer(p->c);
    p->queue = (struct file_queue){.c = p->c,
        .write = write_queued,
        .release = release_packed,
        .opaque = p,
        .top = -1,
        /* A copy reads where its own writes are. */
        .no_direct = p->to_disk};
    file_queue_prepare(&p->queue);
    p->links = archive_entry_linkresolver_new();
    if (p->xattrs || p->selinux || p->acls)
        p->disk = archive_read_disk_new();
    call_defer(p->c, free_pack, p);
    if (!p->links || ((p->xattrs || p->selinux || p->acls) && !p->disk))
        return call_fail(p->c, ENOMEM, "packing");
    archive_entry_linkresolver_set_strategy(p->links, ARCHIVE_FORMAT_TAR_USTAR);
    if (p->disk)
        archive_read_disk_set_behavior(p->disk,
            ARCHIVE_READDISK_NO_FFLAGS | ARCHIVE_READDISK_NO_SPARSE |
                (p->acls ? 0 : ARCHIVE_READDISK_NO_ACL) |
                (p->xattrs || p->selinux ? 0 : ARCHIVE_READDISK_NO_XATTR));
    return 0;
}

static int
pack_below(struct pack *p, int fd)
{
    struct walk *w = call_alloc(p->c, sizeof *w);

    *w = (struct walk){.c = p->c,
        .top = p->top,
        .stat = true,
        .visit = pack_visit,
        .opaque = p};
    p->queue.top = fd;
    int r = walk_directory(w, fd);
    p->queue.top = -1;
    return r < 0 ? -1 : file_queue_end(&p->queue);
}

int
pack_directory(struct pack *p, int fd, const char *directory)
{
    struct stat st;
    cleanup_close int owned = fd;

    p->top = directory;
    if (prepare(p) < 0)
        return -1;
    if (fstat(fd, &st) < 0)
        return fail(p, errno, NULL);
    if (pack_one(p, fd, ".", p->prefix, &st, NULL) < 0)
        return -1;
    return pack_below(p, steal_fd(&owned));
}

int
pack_file(struct pack *p, int dir, const char *name, const char *path,
    const char *shown)
{
    struct stat st;

    if (prepare(p) < 0)
        return -1;
    p->top = shown;
    if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return fail(p, errno, NULL);
    if (pack_one(p, dir, name, path, &st, NULL) < 0)
        return -1;
    if (!S_ISDIR(st.st_mode))
        return file_queue_end(&p->queue);
    int fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return fail(p, errno, NULL);
    p->prefix = call_printf(p->c, "%s/", path);
    return pack_below(p, fd);
}
