/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Looking into an initrd: cpio archives one after another, each compressed
 * on its own or not at all, with zeroes between them. */
#include <config.h>

#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "appliance/agent/call/call.h"
#include "appliance/agent/guest/content.h"
#include "appliance/agent/tree/archive.h"
#include "base/cleanup.h"
#include "base/strv.h"
#include "ops-initrd.h"

/* Called for each file; 1: enough, -1: call failed. */
typedef int (*initrd_visit)(
    struct call *c, struct archive *a, struct archive_entry *e, void *opaque);

/* Move FD past the zeroes at OFFSET; false at the end of the file. */
static bool
skip_zeroes(int fd, off_t offset)
{
    char block[65536];
    ssize_t n;

    while ((n = pread(fd, block, sizeof block, offset)) > 0) {
        for (ssize_t i = 0; i < n; i++)
            if (block[i] != 0)
                return lseek(fd, offset + i, SEEK_SET) >= 0;
        offset += n;
    }
    return false;
}

/* Where the next archive that is not compressed starts, at OFFSET or after it;
 * or the end of the file.  The kernel wants it at a multiple of 4. */
static off_t
find_plain(int fd, off_t offset)
{
    static const char magic[] = "07070";
    enum { STEP = 65536, MAGIC = sizeof magic - 1 };
    char block[STEP + MAGIC];
    ssize_t n;

    offset = (offset + 3) & ~(off_t)3;
    for (; (n = pread(fd, block, sizeof block, offset)) > MAGIC; offset += STEP)
        for (ssize_t i = 0; i < STEP && i + MAGIC < n; i += 4)
            if (memcmp(block + i, magic, MAGIC) == 0 &&
                (block[i + MAGIC] == '1' || block[i + MAGIC] == '2'))
                return offset + i;
    return lseek(fd, 0, SEEK_END);
}

/* One archive from where FD stands; *ret_end is where it ends. */
static int
read_archive(struct call *c, int fd, const char *path, initrd_visit visit,
    void *opaque, off_t *ret_end)
{
    struct archive_entry *e;
    off_t start = lseek(fd, 0, SEEK_CUR);
    struct archive *a = pack_new_reader(c);
    if (!a)
        return -1;

    archive_read_support_filter_gzip(a);
    archive_read_support_filter_bzip2(a);
    archive_read_support_filter_lzma(a);
    archive_read_support_filter_xz(a);
    archive_read_support_filter_zstd(a);
    archive_read_support_filter_lz4(a);
    archive_read_support_format_cpio(a);
    if (archive_read_open_fd(a, fd, 512) != ARCHIVE_OK)
        return call_error(
            c, EINVAL, "%s: no initrd: %s", path, archive_error_string(a));
    for (;;) {
        int r = archive_read_next_header(a, &e);
        if (r == ARCHIVE_EOF)
            break;
        if (r < ARCHIVE_WARN)
            return call_error(
                c, EINVAL, "%s: no initrd: %s", path, archive_error_string(a));
        r = visit(c, a, e, opaque);
        if (r != 0)
            return r;
    }
    /* A compressed one does not say where it ends in the file.  At this point
     * nearly all of it is read. */
    int raw = archive_filter_count(a) - 1;
    *ret_end = start + (off_t)archive_filter_bytes(a, raw);
    if (raw > 0)
        *ret_end = find_plain(fd, *ret_end);
    return 0;
}

static int
read_initrd(struct call *c, const char *path, initrd_visit visit, void *opaque)
{
    off_t offset = 0;
    cleanup_close int fd = content_open(c, path);
    if (fd < 0)
        return -1;

    if (!skip_zeroes(fd, 0))
        return call_error(c, EINVAL, "%s: no initrd: it is empty", path);
    do {
        int r = read_archive(c, fd, path, visit, opaque, &offset);
        if (r != 0)
            return r;
        if (call_cancelled(c))
            return call_fail(c, ECANCELED, "%s", path);
    } while (skip_zeroes(fd, offset));
    return 0;
}

static int
list_visit(
    struct call *c, struct archive *a, struct archive_entry *e, void *opaque)
{
    const char *name = archive_entry_pathname(e);

    (void)a;
    return name ? strings_add(c, opaque, name, strlen(name)) : 0;
}

int
op_initrd_list(struct call *c, const struct api_initrd_list_args *args,
    struct api_initrd_list_ret *ret)
{
    struct strings result = {0};

    if (read_initrd(c, args->path, list_visit, &result) < 0)
        return -1;
    RETURN_STRINGS(ret, &result.list);
    return 0;
}

/* The last file with a name is the one that the kernel leaves there. */
struct wanted {
    const char *name;
    uint8_t *data; /* NULL until found */
    size_t room;
    uint32_t size;
};

static int
cat_visit(
    struct call *c, struct archive *a, struct archive_entry *e, void *opaque)
{
    struct wanted *w = opaque;
    const char *name = archive_entry_pathname(e);
    int64_t size = archive_entry_size(e);

    if (!name || !str_equal(name, w->name) ||
        archive_entry_filetype(e) != AE_IFREG)
        return 0;
    if (size > CONTENT_MAX)
        return call_error(
            c, EFBIG, "%s: larger than %d MiB", name, CONTENT_MAX >> 20);
    if (w->room < (size_t)size + 1) {
        /* What it outgrows stays until the call ends: at least twice as much,
         * or many of a growing size would take all memory. */
        w->room = 2 * (size_t)size + 1;
        w->data = call_alloc(c, w->room);
    }
    la_ssize_t n = archive_read_data(a, w->data, (size_t)size);
    if (n < 0)
        return pack_fail(c, a, name);
    w->size = (uint32_t)n;
    return 0;
}

int
op_initrd_cat(struct call *c, const struct api_initrd_cat_args *args,
    struct api_initrd_cat_ret *ret)
{
    struct wanted w = {.name = args->filename};

    if (read_initrd(c, args->initrdpath, cat_visit, &w) < 0)
        return -1;
    if (!w.data)
        return call_fail(c, ENOENT, "%s: %s", args->initrdpath, args->filename);
    ret->value = w.data;
    ret->n_value = w.size;
    return 0;
}
