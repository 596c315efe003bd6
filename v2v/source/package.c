/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Theory of operation: an archive is read from its start for every wanted file,
 * which costs little for the one or two disks of a machine; other files are
 * skipped.  Names in an archive are compared, never opened.  Only files in a
 * folder are opened, without following links out of it. */
#include <config.h>

#include "v2v/source/package.h"

#include <archive.h>
#include <archive_entry.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/strv.h"
#include "tool/signals.h"

enum {
    PIECE = 1 << 20,
    NAMES_MAX = 4096,
    NAME_MAX_BYTES = 255,
    MEMBERS_MAX = 100000, /* of an archive, also those that are ignored */
    EXPANSION_MAX = 2000, /* of an archive; gzip reaches 1032 */
};

#define SLACK       (UINT64_C(64) << 20)
#define LEAST_SPACE (UINT64_C(1) << 30)

/* The purpose of one pass over the package. */
struct visit {
    const char *name; /* the wanted file; NULL: all names */
    char **names;
    int to;
    uint64_t room; /* bytes that may still be written to it */
    struct hash *hash;
    bool gzipped; /* the file itself is gzipped */
    bool found;
    /* While its content is read: */
    struct archive *archive; /* the file is in it; NULL: the file is fd */
    int fd;
    char *data;
};

/* In the bytes of UTF-8, also where the locale is another. */
static const char *
entry_name(struct archive_entry *e)
{
    const char *name = archive_entry_pathname_utf8(e);

    return name ? name : archive_entry_pathname(e);
}

/* "./disk.vmdk" in an archive is disk.vmdk; NULL: ignore it. */
static const char *
plain_name(const char *path)
{
    const char *rest = path ? str_after(path, "./") : NULL;
    const char *name = rest ? rest : path;

    if (!name || !name[0] || strchr(name, '/') || str_after(name, "._") ||
        strlen(name) > NAME_MAX_BYTES)
        return NULL;
    return name;
}

static int
add_name(struct visit *v, const char *name, struct error *err)
{
    if (strv_length(v->names) == NAMES_MAX)
        return error_set(err, E2BIG, "more than %d files", NAMES_MAX);
    return strv_append(&v->names, name) < 0 ? error_no_memory(err) : 0;
}

/* --- archives --- */

static int
archive_fail(struct archive *a, struct error *err)
{
    const char *text = archive_error_string(a);

    return error_set(err, EINVAL, "damaged: %s", text ? text : "unknown error");
}

/* --- the content of a file, from either --- */

/* Read the next bytes, as they are stored; 0 at the end. */
static la_ssize_t
next_bytes(struct visit *v, struct error *err)
{
    la_ssize_t n = v->archive ? archive_read_data(v->archive, v->data, PIECE)
                              : read(v->fd, v->data, PIECE);

    if (tool_interrupted())
        return error_set(err, EINTR, "interrupted");
    if (n < 0)
        return v->archive ? archive_fail(v->archive, err)
                          : error_errno(err, errno, "cannot read %s", v->name);
    if (v->hash)
        hash_feed(v->hash, v->data, (size_t)n);
    return n;
}

/* A few kilobytes of an archive can unpack to more than any disk holds. */
static int
keep(struct visit *v, const void *data, size_t size, struct error *err)
{
    if (v->to < 0)
        return 0;
    if (size > v->room)
        return error_set(err, EFBIG,
            "%s unpacks to more than its description allows", v->name);
    v->room -= size;
    return write_all(v->to, data, size) < 0
               ? error_errno(err, errno, "cannot write the copy")
               : 0;
}

static int
copy_plain(struct visit *v, struct error *err)
{
    la_ssize_t n;

    while ((n = next_bytes(v, err)) > 0)
        if (keep(v, v->data, (size_t)n, err) < 0)
            return -1;
    return n < 0 ? -1 : 0;
}

static la_ssize_t
feed(struct archive *a, void *opaque, const void **ret)
{
    struct visit *v = opaque;
    cleanup_error struct error err = {0};
    la_ssize_t n = next_bytes(v, &err);

    if (n < 0)
        archive_set_error(a, err.code, "%s", error_text(&err));
    *ret = v->data;
    return n;
}

static int
copy_unpacked(struct visit *v, struct archive *a, struct error *err)
{
    struct archive_entry *e;
    cleanup_free char *data = malloc(PIECE);
    la_ssize_t n;

    if (!data)
        return error_no_memory(err);
    archive_read_support_format_raw(a);
    archive_read_support_filter_gzip(a);
    if (archive_read_open(a, v, NULL, feed, NULL) != ARCHIVE_OK ||
        archive_read_next_header(a, &e) != ARCHIVE_OK)
        return archive_fail(a, err);
    if (archive_filter_code(a, 0) != ARCHIVE_FILTER_GZIP)
        return error_set(err, EINVAL, "%s is not gzipped", v->name);
    while ((n = archive_read_data(a, data, PIECE)) > 0)
        if (keep(v, data, (size_t)n, err) < 0)
            return -1;
    return n < 0 ? archive_fail(a, err) : 0;
}

/* The hash covers the file as it is stored, with any trailing data. */
static int
copy_gzipped(struct visit *v, struct error *err)
{
    struct archive *a = archive_read_new();
    int r = a ? copy_unpacked(v, a, err) : error_no_memory(err);
    la_ssize_t n = 0;

    archive_read_free(a);
    while (r == 0 && (n = next_bytes(v, err)) > 0)
        ;
    return r < 0 || n < 0 ? -1 : 0;
}

static int
copy_content(struct visit *v, struct error *err)
{
    cleanup_free char *data = malloc(PIECE);

    if (!data)
        return error_no_memory(err);
    v->found = true;
    v->data = data;

    int r = v->gzipped ? copy_gzipped(v, err) : copy_plain(v, err);
    v->data = NULL;
    return r;
}

/* Members that are not wanted have to be unpacked as well, to be skipped. */
static int
check_space(struct archive *a, struct archive_entry *e, uint64_t space,
    struct error *err)
{
    uint64_t at = (uint64_t)archive_filter_bytes(a, 0);
    uint64_t size =
        archive_entry_size_is_set(e) ? (uint64_t)archive_entry_size(e) : 0;

    if (at > space || size > space - at)
        return error_set(err, EFBIG,
            "it unpacks to more than %d times its size", EXPANSION_MAX);
    return 0;
}

static int
visit_entries(
    struct archive *a, uint64_t space, struct visit *v, struct error *err)
{
    struct archive_entry *e;

    for (unsigned n = 0;; n++) {
        int r = archive_read_next_header(a, &e);

        if (r == ARCHIVE_EOF)
            return 0;
        if (r < ARCHIVE_WARN)
            return archive_fail(a, err);
        if (n == MEMBERS_MAX)
            return error_set(
                err, E2BIG, "it has more than %d members", MEMBERS_MAX);
        if (tool_interrupted())
            return error_set(err, EINTR, "interrupted");
        if (check_space(a, e, space, err) < 0)
            return -1;

        const char *name = plain_name(entry_name(e));
        if (!name || archive_entry_filetype(e) != AE_IFREG)
            continue;
        if (!v->name) {
            if (add_name(v, name, err) < 0)
                return -1;
        } else if (str_equal(name, v->name)) {
            v->archive = a;
            return copy_content(v, err);
        }
    }
}

static void
support_archives(struct archive *a)
{
    archive_read_support_format_tar(a);
    archive_read_support_format_zip(a);
    archive_read_support_filter_gzip(a);
    archive_read_support_filter_xz(a);
    archive_read_support_filter_zstd(a);
}

/* What an archive at PATH may unpack to: an honest one packs well only where it
 * has zeroes. */
static uint64_t
space_of(const char *path)
{
    struct stat st;
    uint64_t size = stat(path, &st) == 0 ? (uint64_t)st.st_size : 0;

    return size > (UINT64_MAX - LEAST_SPACE) / EXPANSION_MAX
               ? UINT64_MAX
               : LEAST_SPACE + size * EXPANSION_MAX;
}

static int
visit_archive(const char *path, struct visit *v, struct error *err)
{
    struct archive *a;
    int r;

    /* libarchive would call it damaged. */
    if (access(path, R_OK) < 0)
        return error_errno(err, errno, "cannot open it");
    if (!(a = archive_read_new()))
        return error_no_memory(err);
    support_archives(a);
    if (archive_read_open_filename(a, path, PIECE) != ARCHIVE_OK)
        r = archive_fail(a, err);
    else
        r = visit_entries(a, space_of(path), v, err);
    archive_read_free(a);
    return r;
}

/* --- folders --- */

static int
copy_file(int folder, struct visit *v, struct error *err)
{
    cleanup_close int fd =
        openat(folder, v->name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    struct stat st;

    if (fd < 0 || fstat(fd, &st) < 0)
        return error_errno(err, errno, "cannot open %s", v->name);
    if (!S_ISREG(st.st_mode))
        return error_set(err, EINVAL, "%s is not a file", v->name);
    v->fd = fd;
    return copy_content(v, err);
}

static int
visit_folder(int folder, struct visit *v, struct error *err)
{
    struct dirent *entry;

    if (v->name)
        return copy_file(folder, v, err);

    int copy = fcntl(folder, F_DUPFD_CLOEXEC, 3);
    cleanup_closedir DIR *dir = copy < 0 ? NULL : fdopendir(copy);
    if (!dir)
        return error_errno(err, errno, "cannot read the folder");
    while ((entry = readdir(dir)))
        if (entry->d_type == DT_REG && plain_name(entry->d_name) &&
            add_name(v, entry->d_name, err) < 0)
            return -1;
    return 0;
}

/* The folder of a package: itself, or that of its description. */
static char *
folder_of(const char *path)
{
    const char *ending = strrchr(path, '.');

    return ending && str_equal(ending, ".ovf") ? path_folder(path)
                                               : strdup(path);
}

/* -1: it is an archive. */
static int
open_folder(const char *path)
{
    cleanup_free char *folder = folder_of(path);

    return folder ? open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
}

static int
visit(const char *path, struct visit *v, struct error *err)
{
    cleanup_close int folder = open_folder(path);

    return folder >= 0 ? visit_folder(folder, v, err)
                       : visit_archive(path, v, err);
}

/* --- where a file lies --- */

/* For a file stored unchanged, libarchive returns a pointer into the archive,
 * which is mapped into memory. */
static int
find_place(struct archive *a, const uint8_t *map, size_t map_size,
    const char *wanted, uint64_t *ret_start, uint64_t *ret_size,
    struct error *err)
{
    struct archive_entry *e;
    const void *data;
    size_t n;
    la_int64_t offset;
    int r;

    while ((r = archive_read_next_header(a, &e)) >= ARCHIVE_WARN &&
           r != ARCHIVE_EOF) {
        const char *name = plain_name(entry_name(e));
        int64_t size = archive_entry_size(e);

        if (!name || !str_equal(name, wanted))
            continue;
        if (size <= 0 ||
            archive_read_data_block(a, &data, &n, &offset) != ARCHIVE_OK ||
            offset != 0 || (uintptr_t)data < (uintptr_t)map ||
            (uintptr_t)data - (uintptr_t)map > map_size ||
            (uint64_t)size > map_size - ((uintptr_t)data - (uintptr_t)map))
            return 0;
        *ret_start = (uint64_t)((uintptr_t)data - (uintptr_t)map);
        *ret_size = (uint64_t)size;
        return 0;
    }
    return r == ARCHIVE_EOF ? 0 : archive_fail(a, err);
}

static int
place_in_map(const uint8_t *map, size_t size, const char *name,
    uint64_t *ret_start, uint64_t *ret_size, struct error *err)
{
    struct archive *a = archive_read_new();
    int r = 0;

    if (!a)
        return error_no_memory(err);
    support_archives(a);
    if (archive_read_open_memory(a, map, size) != ARCHIVE_OK)
        r = archive_fail(a, err);
    else if (archive_filter_code(a, 0) == ARCHIVE_FILTER_NONE)
        r = find_place(a, map, size, name, ret_start, ret_size, err);
    archive_read_free(a);
    return r;
}

/* --- public functions --- */

int
package_place(const char *path, const char *name, uint64_t *ret_start,
    uint64_t *ret_size, struct error *err)
{
    cleanup_close int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat st;

    *ret_size = 0;
    if (fd < 0 || fstat(fd, &st) < 0)
        return error_errno(err, errno, "cannot open it");
    if (!S_ISREG(st.st_mode) || st.st_size == 0)
        return 0;

    size_t size = (size_t)st.st_size;
    void *map = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (map == MAP_FAILED)
        return error_errno(err, errno, "cannot read it");

    int r = place_in_map(map, size, name, ret_start, ret_size, err);
    munmap(map, size);
    return r;
}

char **
package_names(const char *path, struct error *err)
{
    struct visit v = {.to = -1};

    if (visit(path, &v, err) == 0 && (v.names || add_name(&v, "", err) == 0))
        return v.names;
    strv_free(v.names);
    return NULL;
}

char *
package_file(const char *path, const char *name, struct error *err)
{
    cleanup_close int fd = open_folder(path);
    cleanup_free char *folder = folder_of(path);
    char *file = folder ? text_printf("%s/%s", folder, name) : NULL;

    if (!file)
        error_no_memory(err);
    if (fd < 0)
        free(steal_pointer(&file));
    return file;
}

/* Images of all formats add less than a sixteenth to what they hold. */
uint64_t
package_limit(const char *path, uint64_t capacity)
{
    return capacity ? capacity + capacity / 16 + SLACK : space_of(path);
}

int
package_copy(const char *path, const char *name, bool gzipped, int to,
    uint64_t max, struct hash *hash, struct error *err)
{
    struct visit v = {
        .name = name, .to = to, .room = max, .hash = hash, .gzipped = gzipped};

    if (visit(path, &v, err) < 0)
        return -1;
    return v.found ? 0 : error_set(err, ENOENT, "%s is not in it", name);
}

char *
package_read(
    const char *path, const char *name, size_t *ret_size, struct error *err)
{
    const char *temporary = getenv("TMPDIR");
    cleanup_close int fd = open(
        temporary ? temporary : "/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    struct stat st;

    if (fd < 0)
        return error_errno(err, errno, "cannot make a temporary file"), NULL;
    if (package_copy(path, name, false, fd, PACKAGE_TEXT_MAX, NULL, err) < 0)
        return NULL;
    if (fstat(fd, &st) < 0)
        return error_errno(err, errno, "cannot read %s", name), NULL;

    cleanup_free char *text = calloc(1, (size_t)st.st_size + 1);
    if (!text)
        return error_no_memory(err), NULL;
    if (pread_all(fd, text, (size_t)st.st_size, 0) < 0)
        return error_errno(err, errno, "cannot read %s", name), NULL;
    *ret_size = (size_t)st.st_size;
    return steal_pointer(&text);
}
