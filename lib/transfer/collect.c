/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <config.h>

#include "lib/transfer/collect.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/strv.h"

enum { BLOCK = 256 << 10 };

struct collect {
    struct skipped *skipped;
    struct archive *from, *to;
    struct archive_entry *entry;
    struct archive_entry_linkresolver *links;
    size_t skip; /* bytes of each path that come before its name */
    void *block;
    struct error *err;
};

static int
fail(struct collect *k, struct archive *a, const char *path)
{
    int code = archive_errno(a);

    return error_set(k->err, code > 0 && code < 4096 ? code : EIO, "%s: %s",
        path, archive_error_string(a));
}

static int
send_data(struct collect *k, int64_t size, const char *path)
{
    while (size > 0) {
        la_ssize_t n = archive_read_data(k->from, k->block, BLOCK);
        if (n < 0)
            return fail(k, k->from, path);
        if (n == 0)
            return error_set(k->err, EIO, "%s: the file has shrunk", path);
        if (n > size)
            n = (la_ssize_t)size;
        if (archive_write_data(k->to, k->block, (size_t)n) < 0)
            return fail(k, k->to, path);
        size -= n;
    }
    return 0;
}

void
skipped_add(struct skipped *s, const char *path)
{
    if (s->n++ == 0)
        s->first = strdup(path);
}

/* Labels and signatures are of this host's policy, "trusted" of its file
 * systems. */
static bool
is_own(const char *name)
{
    return (str_after(name, "security.") &&
               !str_equal(name, "security.capability")) ||
           str_after(name, "trusted.");
}

static void
drop_own_attributes(struct archive_entry *e)
{
    const char *name;
    const void *value;
    size_t size;

    if (archive_entry_xattr_count(e) == 0)
        return;
    struct archive_entry *copy = archive_entry_clone(e);
    archive_entry_xattr_clear(e);
    archive_entry_xattr_reset(copy);
    while (archive_entry_xattr_next(copy, &name, &value, &size) == ARCHIVE_OK)
        if (!is_own(name))
            archive_entry_xattr_add_entry(e, name, value, size);
    archive_entry_free(copy);
}

static int
send_entry(struct collect *k)
{
    struct archive_entry *e = k->entry, *spare = NULL;
    const char *name = archive_entry_pathname(e);

    cleanup_free char *path = name ? strdup(name) : NULL;
    if (!path)
        return error_no_memory(k->err);
    if (archive_entry_filetype(e) == AE_IFSOCK) {
        /* tar has none, and without its process it is of no use. */
        skipped_add(k->skipped, path);
        return 0;
    }
    drop_own_attributes(e);
    archive_entry_copy_pathname(e, path + k->skip);
    archive_entry_linkify(k->links, &e, &spare);
    if (archive_write_header(k->to, e) < ARCHIVE_WARN)
        return fail(k, k->to, path);
    if (archive_entry_filetype(e) == AE_IFREG && !archive_entry_hardlink(e) &&
        send_data(k, archive_entry_size(e), path) < 0)
        return -1;
    return archive_write_finish_entry(k->to) < ARCHIVE_WARN
               ? fail(k, k->to, path)
               : 0;
}

static int
send_all(struct collect *k, const char *path, int output)
{
    archive_read_disk_set_symlink_physical(k->from);
    archive_read_disk_set_behavior(k->from, ARCHIVE_READDISK_NO_FFLAGS);
    archive_entry_linkresolver_set_strategy(
        k->links, ARCHIVE_FORMAT_TAR_PAX_RESTRICTED);
    /* Attributes and holes need this format; names stay the bytes that they
     * are. */
    archive_write_set_format_pax_restricted(k->to);
    if (archive_write_set_options(
            k->to, "hdrcharset=BINARY,xattrheader=SCHILY") != ARCHIVE_OK)
        return fail(k, k->to, path);
    archive_write_set_bytes_per_block(k->to, BLOCK);
    archive_write_set_bytes_in_last_block(k->to, 1);
    if (archive_write_open_fd(k->to, output) != ARCHIVE_OK)
        return fail(k, k->to, path);
    if (archive_read_disk_open(k->from, path) != ARCHIVE_OK)
        return fail(k, k->from, path);
    for (;;) {
        archive_entry_clear(k->entry);
        int r = archive_read_next_header2(k->from, k->entry);
        if (r == ARCHIVE_EOF)
            break;
        if (r < ARCHIVE_WARN)
            return fail(k, k->from, path);
        archive_read_disk_descend(k->from);
        if (send_entry(k) < 0)
            return -1;
    }
    return archive_write_close(k->to) == ARCHIVE_OK ? 0 : fail(k, k->to, path);
}

/* PATH without trailing slashes; "." and the like by their real name. */
static char *
tidy_path(const char *path)
{
    size_t n = strlen(path);

    while (n > 1 && path[n - 1] == '/')
        n--;
    char *tidy = strndup(path, n);
    const char *slash = tidy ? strrchr(tidy, '/') : NULL;
    const char *name = slash ? slash + 1 : tidy;
    if (tidy && (str_equal(name, ".") || str_equal(name, "..") || !*name)) {
        char *real = realpath(tidy, NULL);
        free(tidy);
        return real;
    }
    return tidy;
}

int
collect_tar(
    const char *path, int output, struct skipped *skipped, struct error *err)
{
    cleanup_free char *tidy = tidy_path(path);

    if (!tidy)
        return error_errno(err, errno, "%s", path);
    if (access(tidy, F_OK) < 0 && readlink(tidy, &(char){0}, 1) < 0)
        return error_errno(err, errno == EINVAL ? ENOENT : errno, "%s", path);

    const char *slash = strrchr(tidy, '/');
    struct collect k = {.skipped = skipped,
        .from = archive_read_disk_new(),
        .to = archive_write_new(),
        .entry = archive_entry_new(),
        .links = archive_entry_linkresolver_new(),
        .block = malloc(BLOCK),
        .skip = slash && slash[1] ? (size_t)(slash + 1 - tidy) : 0,
        .err = err};
    int r;
    if (k.from && k.to && k.entry && k.links && k.block)
        r = send_all(&k, tidy, output);
    else
        r = error_no_memory(err);
    free(k.block);
    archive_entry_linkresolver_free(k.links);
    archive_entry_free(k.entry);
    if (k.to) {
        archive_write_fail(k.to);
        archive_write_free(k.to);
    }
    archive_read_free(k.from);
    return r;
}
