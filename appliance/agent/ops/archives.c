/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tar and cpio archives into and out of directories of the guest. */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "appliance/agent/content.h"
#include "appliance/agent/guest_root.h"
#include "appliance/agent/pack.h"
#include "ops.h"

struct unpack {
    struct call *c;
    struct archive *from, *disk;
    const char *directory;
    bool xattrs, selinux, acls, keepdirlink;
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
warn(struct unpack *u, struct archive_entry *e)
{
    if (!u->warning)
        u->warning = call_printf(u->c, "%s: %s", archive_entry_pathname(e),
            archive_error_string(u->disk));
}

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
unpack_entry(struct unpack *u, struct archive_entry *e)
{
    struct stat st;

    if (check_names(u, e) < 0)
        return -1;
    const char *path = archive_entry_pathname(e);
    if (!u->xattrs)
        drop_xattr(e, is_no_label);
    if (!u->selinux)
        drop_xattr(e, is_label);
    if (!u->acls)
        archive_entry_acl_clear(e);
    if (!u->keepdirlink && archive_entry_filetype(e) == AE_IFDIR &&
        lstat(path, &st) == 0 && S_ISLNK(st.st_mode) && unlink(path) < 0)
        return call_fail(u->c, errno, "%s", path);

    int r = archive_write_header(u->disk, e);
    if (r < ARCHIVE_WARN)
        return pack_fail(u->c, u->disk, path);
    if (r == ARCHIVE_WARN)
        warn(u, e);
    if (archive_entry_size(e) > 0 && unpack_data(u, path) < 0)
        return -1;
    r = archive_write_finish_entry(u->disk);
    if (r < ARCHIVE_WARN)
        return pack_fail(u->c, u->disk, path);
    if (r == ARCHIVE_WARN)
        warn(u, e);
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

static int
unpack(struct unpack *u, const char *compress)
{
    u->from = pack_new_reader(u->c);
    if (!u->from || pack_read_filter(u->c, u->from, compress) < 0)
        return -1;
    archive_read_support_format_tar(u->from);
    if (guest_root_enter(u->c, u->directory) < 0)
        return -1;
    u->disk = pack_new_disk_writer(
        u->c, UNPACK_ALL | (u->acls ? ARCHIVE_EXTRACT_ACL : 0) |
                  (u->xattrs || u->selinux ? ARCHIVE_EXTRACT_XATTR : 0));
    if (!u->disk || pack_read_stream(u->c, u->from) < 0 || unpack_all(u) < 0)
        return -1;
    guest_root_leave(u->c);
    return 0;
}

int
op_tar_in(struct call *c, const struct api_tar_in_args *args)
{
    struct unpack u = {.c = c,
        .directory = args->directory,
        .xattrs = args->xattrs,
        .selinux = args->selinux,
        .acls = args->acls,
        .keepdirlink = args->keepdirlink};

    return unpack(&u, args->compress);
}

int
op_tgz_in(struct call *c, const struct api_tgz_in_args *args)
{
    struct unpack u = {.c = c, .directory = args->directory};

    return unpack(&u, "gzip");
}

int
op_txz_in(struct call *c, const struct api_txz_in_args *args)
{
    struct unpack u = {.c = c, .directory = args->directory};

    return unpack(&u, "xz");
}

/* Names in pax headers are UTF-8; in the C locale libarchive could not make
 * them. */
static void
free_utf8(void *opaque)
{
    uselocale(LC_GLOBAL_LOCALE);
    freelocale(opaque);
}

static void
use_utf8(struct call *c)
{
    locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);

    if (utf8 == (locale_t)0)
        return;
    call_defer(c, free_utf8, utf8);
    uselocale(utf8);
}

static int
pack(struct call *c, struct pack *p, const char *directory)
{
    p->c = c;
    cleanup_close int fd = path_open(c, directory, O_RDONLY | O_DIRECTORY, 0);
    if (fd < 0 || pack_write_stream(c, p->to) < 0 ||
        guest_root_enter(c, "/") < 0 ||
        pack_directory(p, steal_fd(&fd), directory) < 0)
        return -1;
    guest_root_leave(c);
    if (archive_write_close(p->to) != ARCHIVE_OK)
        return pack_fail(c, p->to, directory);
    return 0;
}

static int
pack_tar(
    struct call *c, struct pack *p, const char *directory, const char *compress)
{
    p->to = pack_new_writer(c);
    if (!p->to || pack_write_filter(c, p->to, compress) < 0)
        return -1;
    /* As GNU tar does: its own format, in which names are just bytes; that of
     * POSIX where there is more to tell of a file. */
    if (p->xattrs || p->selinux || p->acls) {
        archive_write_set_format_pax_restricted(p->to);
        archive_write_set_options(p->to, "xattrheader=SCHILY");
        use_utf8(c);
    } else {
        archive_write_set_format_gnutar(p->to);
    }
    p->prefix = "./";
    return pack(c, p, directory);
}

int
op_tar_out(struct call *c, const struct api_tar_out_args *args)
{
    struct pack *p = call_alloc(c, sizeof *p);

    *p = (struct pack){.excludes = args->excludes,
        .n_excludes = args->n_excludes,
        .xattrs = args->xattrs,
        .selinux = args->selinux,
        .acls = args->acls,
        .names = !args->numericowner};
    return pack_tar(c, p, args->directory, args->compress);
}

int
op_tgz_out(struct call *c, const struct api_tgz_out_args *args)
{
    struct pack *p = call_alloc(c, sizeof *p);

    p->names = true;
    return pack_tar(c, p, args->directory, "gzip");
}

int
op_txz_out(struct call *c, const struct api_txz_out_args *args)
{
    struct pack *p = call_alloc(c, sizeof *p);

    p->names = true;
    return pack_tar(c, p, args->directory, "xz");
}

int
op_cpio_out(struct call *c, const struct api_cpio_out_args *args)
{
    struct pack *p = call_alloc(c, sizeof *p);

    if (args->format && !str_equal(args->format, "newc"))
        return call_error(
            c, ENOTSUP, "cpio format '%s' is not supported", args->format);
    p->to = pack_new_writer(c);
    if (!p->to)
        return -1;
    archive_write_set_format_cpio_newc(p->to);
    p->prefix = "./";
    return pack(c, p, args->directory);
}
