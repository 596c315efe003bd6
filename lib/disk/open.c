/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From a file name to a disk all of whose files are open.
 *
 * An image can depend on others: a backing chain, an external data file, the
 * extents of a vmdk.  All are opened here, once, by the rules of policy.c; QEMU
 * gets the open files and the format of each, so it has no name to open and
 * nothing to guess. */
#include <config.h>

#include "lib/disk/disk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/strv.h"
#include "lib/disk/part.h"
#include "lib/disk/uri.h"

/* QEMU records its use of an image by locks on these bytes. */
enum {
    LOCK_WRITES = 100 + 1,          /* someone writes */
    LOCK_SHARES_NO_WRITE = 200 + 1, /* someone allows no writers */
};

/* The path down to a file, to find circles. */
struct chain {
    const struct chain *up;
    const struct disk_file *file;
    int depth;
};

static void
file_free(struct disk_file *f)
{
    while (f) {
        struct disk_file *backing = f->backing;

        for (uint32_t i = 0; f->extents && i < f->header.n_extents; i++)
            file_free(f->extents[i]);
        free(f->extents);
        file_free(f->data_file);
        image_header_clear(&f->header);
        if (f->fd >= 0)
            close(f->fd);
        free(f->path);
        free(f);
        f = backing;
    }
}

/* Takes over FD and PATH, also on failure. */
static struct disk_file *
file_new(int fd, char *path, bool writable, struct error *err)
{
    struct disk_file *f = calloc(1, sizeof *f);
    struct stat st;

    if (!f || !path || fstat(fd, &st) < 0) {
        error_errno(err, f && path ? errno : ENOMEM, "cannot examine it");
        close(fd);
        free(path);
        free(f);
        return NULL;
    }
    *f = (struct disk_file){
        .path = path,
        .fd = fd,
        .device = st.st_dev,
        .inode = st.st_ino,
        .is_block_device = S_ISBLK(st.st_mode),
        .writable = writable,
    };
    return f;
}

/* Open another file that F's header names. */
static struct disk_file *
open_other(const struct disk_file *f, const struct policy *policy,
    enum file_role role, const char *name, bool writable, struct error *err)
{
    cleanup_free char *path = NULL;
    int fd = policy_open(policy, f->path, role, name, writable, &path, err);

    if (fd < 0)
        return NULL;
    return file_new(fd, steal_pointer(&path), writable, err);
}

/* The backing file of F, or the part of it that F names. */
static struct disk_file *
open_backing(
    const struct disk_file *f, const struct policy *policy, struct error *err)
{
    const struct image_header *h = &f->header;
    cleanup_part struct part part = {0};
    struct disk_file *backing;

    if (!part_parse(h->backing, &part))
        return open_other(f, policy, ROLE_BACKING, h->backing, false, err);
    if (!h->backing_format || !str_equal(part.format, h->backing_format))
        return error_set(
                   err, EINVAL, "it states two formats of its backing file"),
               NULL;
    backing = open_other(f, policy, ROLE_BACKING, part.path, false, err);
    if (backing) {
        backing->part_start = part.start;
        backing->part_size = part.size;
    }
    return backing;
}

static int
pread_part(void *opaque, void *data, size_t n, uint64_t offset)
{
    const struct disk_file *f = opaque;

    return pread_all(f->fd, data, n, (off_t)(f->part_start + offset));
}

/* The bytes of the image. */
static int
open_source(struct disk_file *f, struct image_source *ret, struct error *err)
{
    if (source_open(ret, &f->fd, err) < 0)
        return -1;
    if (f->part_size == 0)
        return 0;
    if (!source_holds(ret, f->part_start, f->part_size))
        return error_set(err, EINVAL, "the file ends before the image in it");
    ret->size = f->part_size;
    ret->pread = pread_part;
    ret->opaque = f;
    return 0;
}

static int
check_circle(
    const struct disk_file *f, const struct chain *up, struct error *err)
{
    for (const struct chain *c = up; c; c = c->up) {
        if (is_same_file(c->file, f))
            return error_set(err, ELOOP,
                "its backing files form a circle, through %s", f->path);
    }
    if (up && up->depth > DISK_CHAIN_MAX)
        return error_set(
            err, ELOOP, "more than %d backing files", DISK_CHAIN_MAX);
    return 0;
}

static int
open_extents(
    struct disk_file *f, const struct policy *policy, struct error *err)
{
    const struct image_header *h = &f->header;

    f->extents = calloc(h->n_extents, sizeof(struct disk_file *));
    if (!f->extents)
        return error_no_memory(err);
    for (uint32_t i = 0; i < h->n_extents; i++) {
        const struct image_extent *e = &h->extents[i];
        struct image_source src;

        if (f->writable && (!e->file || !e->writable))
            return error_set(
                err, ENOTSUP, "vmdk with an extent that cannot be written");
        if (!e->file)
            continue;

        struct disk_file *extent =
            open_other(f, policy, ROLE_EXTENT, e->file, f->writable, err);
        if (!extent)
            return -1;
        f->extents[i] = extent;
        if (is_same_file(extent, f))
            return error_set(
                err, EINVAL, "corrupt: the descriptor is its own extent");
        if (source_open(&src, &extent->fd, err) < 0 ||
            image_read_extent(&src, e, err) < 0)
            return error_context(err, "its extent %s", extent->path);
    }
    return 0;
}

static int
open_data_file(
    struct disk_file *f, const struct policy *policy, struct error *err)
{
    if (!f->header.data_file)
        return error_set(err, EINVAL,
            "corrupt: it keeps its data in another file, but does not name it");
    f->data_file =
        open_other(f, policy, ROLE_DATA, f->header.data_file, f->writable, err);
    if (!f->data_file)
        return -1;
    if (is_same_file(f->data_file, f))
        return error_set(err, EINVAL, "corrupt: it is its own data file");
    return 0;
}

/* If no format is given it is detected, but then the file must not refer to
 * others: a raw backing file could have been given a header by its guest that
 * names any file. */
static int
find_backing_format(struct disk_file *f, struct error *err)
{
    const char *name = f->header.backing_format;

    f->backing_format_given = name || f->header.format == IMAGE_VMDK;
    f->backing_format = f->header.format == IMAGE_VMDK ? IMAGE_VMDK : IMAGE_RAW;
    if (!name || image_format_find(name, &f->backing_format) ||
        str_equal(name, "file") || str_equal(name, "host_device"))
        return 0;

    cleanup_free char *shown = text_escape(name);
    return error_set(err, ENOTSUP,
        "its backing file has an unknown format '%s'", shown ? shown : "?");
}

static int
take_snapshot(struct disk_file *f, struct image_source *src, struct error *err)
{
    if (f->is_block_device || f->part_size)
        return error_set(err, ENOTSUP,
            "snapshots of an image that is not a file; copy it to a file");
    return image_take_snapshot(src, &f->header, f->snapshot, err);
}

/* The files that F names; its backing file is opened, but not read yet. */
static int
open_others(struct disk_file *f, const struct policy *policy, struct error *err)
{
    if (f->header.n_extents > 0 && open_extents(f, policy, err) < 0)
        return -1;
    if (f->header.has_data_file && open_data_file(f, policy, err) < 0)
        return -1;
    if (!f->header.backing)
        return 0;
    if (find_backing_format(f, err) < 0)
        return -1;
    f->backing = open_backing(f, policy, err);
    return f->backing ? 0 : -1;
}

/* The file itself and the files that are part of it. */
static int
read_one(struct disk_file *f, const enum image_format *given,
    const struct policy *policy, const struct chain *up, struct error *err)
{
    struct image_source src;
    struct policy rules = *policy;

    if (check_circle(f, up, err) < 0 || open_source(f, &src, err) < 0 ||
        image_read(&src, given, &f->header, err) < 0 ||
        (f->snapshot && take_snapshot(f, &src, err) < 0))
        return -1;
    /* QEMU puts the pieces together, and takes only files for them. */
    if (f->header.head && (f->is_block_device || f->part_size))
        return error_set(err, ENOTSUP,
            "a %s image with this header that is not a file; copy it to a "
            "file",
            image_format_name(f->header.format));
    if (f->part_size && image_refers(&f->header))
        return error_set(err, EPERM,
            "an image inside a file must not depend on other files");
    if (f->writable && f->header.write_refused)
        return error_set(
            err, EROFS, "%s; add it read-only", f->header.write_refused);
    /* A backing file whose format is a guess has its own rule: read_chain. */
    rules.alone =
        !given && !up && !policy_trusts_guess(f->fd, f->header.format);
    /* That of the image itself, which may be below an overlay; what is further
     * down is not reported by those who copy it. */
    if ((!up || up->depth == 1) && f->header.data_file_raw)
        rules.data_size = f->header.size;
    return open_others(f, &rules, err);
}

/* A file and all files below it.  An error names the image where it happened,
 * not every one on the way there. */
static int
read_chain(struct disk_file *f, const enum image_format *given,
    const struct policy *policy, const struct chain *up, struct error *err)
{
    struct chain here = {up, f, up ? up->depth + 1 : 1};

    if (read_one(f, given, policy, up, err) < 0) {
        cleanup_free char *shown = up ? text_escape(f->path) : NULL;

        return shown ? error_context(err, "its backing file %s", shown) : -1;
    }
    if (!f->backing)
        return 0;

    bool said = f->backing_format_given;
    if (read_chain(f->backing, said ? &f->backing_format : NULL, policy, &here,
            err) < 0)
        return -1;
    if (!said && image_refers(&f->backing->header))
        return error_set(err, EPERM,
            "it does not state the format of its backing file, which seems to "
            "be a %s image that needs other files; if that is right, run: "
            "qemu-img rebase -u -b BACKING -F %s IMAGE",
            image_format_name(f->backing->header.format),
            image_format_name(f->backing->header.format));
    return 0;
}

/* QEMU would notice as well, but only at launch and in more words.  No lock is
 * taken here: QEMU takes it. */
static int
check_unlocked(const struct disk_file *f, struct error *err)
{
    static const int bytes[] = {LOCK_WRITES, LOCK_SHARES_NO_WRITE};

    for (size_t i = 0; i < N_ELEMENTS(bytes); i++) {
        struct flock lock = {
            .l_type = F_WRLCK,
            .l_whence = SEEK_SET,
            .l_start = bytes[i],
            .l_len = 1,
        };

        if (fcntl(f->fd, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK)
            return error_set(err, EBUSY,
                "it is locked, apparently by a running QEMU; stop that, or add "
                "the disk read-only");
    }
    return 0;
}

static int
open_local(struct disk *d, const struct disk_options *o, struct error *err)
{
    enum image_format format;
    struct policy policy = {0};
    bool given = o->format != NULL;

    if (given && image_format_read(o->format, &format, err) < 0)
        return -1;

    int fd = open_image_file(d->path, !o->read_only, err);
    if (fd < 0)
        return err->code == ENOENT && uri_is_strange(d->path)
                   ? uri_refuse(d->path, err)
                   : -1;
    d->file = file_new(fd, strdup(d->path), !o->read_only, err);
    if (!d->file)
        return -1;
    d->file->part_start = o->part_start;
    d->file->part_size = o->part_size;
    d->file->snapshot = o->snapshot;

    int result =
        policy_init(&policy, o->policy, d->path, d->file->fd, o->allow, err);
    if (result == 0)
        result =
            read_chain(d->file, given ? &format : NULL, &policy, NULL, err);
    if (result == 0 && d->file->writable)
        result = check_unlocked(d->file, err);
    d->file->snapshot = NULL;
    policy_clear(&policy);
    return result;
}

/* Its header is read later, by the connection that QEMU makes. */
static int
open_remote(struct disk *d, const struct disk_options *o, struct error *err)
{
    if (o->format && image_format_read(o->format, &d->format, err) < 0)
        return -1;
    d->format_given = o->format != NULL;
    if (o->snapshot)
        return error_set(
            err, ENOTSUP, "only images on this machine can have snapshots");
    if (!o->read_only &&
        (str_after(d->path, "http") || str_after(d->path, "ftp")))
        return error_set(err, EROFS,
            "an image on a web or FTP server can only be read; add it "
            "read-only");
    if (!(d->uri = uri_parse(d->path, err)))
        return -1;
    /* It crashes where it may not make files. */
    if (str_equal(d->uri->driver, "gluster"))
        return error_set(err, ENOTSUP,
            "QEMU's gluster driver does not work in the cage; mount the volume "
            "and give the path of the file");
    return 0;
}

static int
check_options(const struct disk_options *o, struct error *err)
{
    if (o->block_size != 0 && o->block_size != 512 && o->block_size != 4096)
        return error_set(err, EINVAL, "invalid block size %d: use 512 or 4096",
            o->block_size);
    if (!o->label)
        return 0;
    size_t n = strspn(o->label, "abcdefghijklmnopqrstuvwxyz"
                                "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.");
    if (n == 0 || n > DISK_LABEL_MAX || o->label[n])
        return error_set(err, EINVAL,
            "bad label '%s': 1 to %d letters, digits, '-', '_' and '.'",
            o->label, DISK_LABEL_MAX);
    return 0;
}

static char *
copy_text(const char *s, bool *failed)
{
    char *copy = s ? strdup(s) : NULL;

    *failed |= s && !copy;
    return copy;
}

int
disk_open(const char *filename, const struct disk_options *o, struct disk **ret,
    struct error *err)
{
    struct disk *d = calloc(1, sizeof *d);
    bool failed = !d;

    if (!d)
        return error_no_memory(err);
    *d = (struct disk){
        .path = copy_text(filename, &failed),
        .name = copy_text(o->name, &failed),
        .label = copy_text(o->label, &failed),
        .read_only = o->read_only,
        .copy_on_read = o->copy_on_read,
        .unsafe = o->unsafe,
        .block_size = o->block_size ? o->block_size : 512,
        .discard = o->discard,
    };
    int result = failed ? error_no_memory(err) : check_options(o, err);
    if (result == 0)
        result =
            uri_is(filename) ? open_remote(d, o, err) : open_local(d, o, err);
    if (result < 0) {
        cleanup_free char *shown = text_escape(filename);

        disk_free(d);
        return error_context(err, "%s", shown ? shown : "?");
    }
    *ret = d;
    return 0;
}

void
disk_free(struct disk *d)
{
    if (!d)
        return;
    file_free(d->file);
    uri_free(d->uri);
    free(d->path);
    free(d->name);
    free(d->label);
    free(d);
}

uint64_t
disk_size(const struct disk *d)
{
    return d->file ? d->file->header.size : 0;
}

const char *
disk_format_name(const struct disk *d)
{
    return d->file ? image_format_name(d->file->header.format) : NULL;
}

bool
disk_is_remote(const struct disk *d)
{
    return d->uri != NULL;
}

bool
disk_is_plain(const struct disk *d)
{
    return d->uri && d->format_given && d->format == IMAGE_RAW;
}
