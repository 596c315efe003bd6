/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <config.h>

#include "lib/transfer/compress.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/strv.h"

enum { BLOCK = 1 << 20 };

static const struct compression {
    const char *name;
    int (*read)(struct archive *);
    int (*write)(struct archive *);
    bool threads; /* it can use all processors */
} compressions[] = {
    {"gzip", archive_read_support_filter_gzip, archive_write_add_filter_gzip,
        false},
    {"bzip2", archive_read_support_filter_bzip2, archive_write_add_filter_bzip2,
        false},
    {"xz", archive_read_support_filter_xz, archive_write_add_filter_xz, true},
    {"zstd", archive_read_support_filter_zstd, archive_write_add_filter_zstd,
        true},
    {"lzma", archive_read_support_filter_lzma, archive_write_add_filter_lzma,
        false},
    {"compress", archive_read_support_filter_compress,
        archive_write_add_filter_compress, false},
    {"lzop", archive_read_support_filter_lzop, archive_write_add_filter_lzop,
        false},
};

static const struct compression *
find(const char *name)
{
    for (size_t i = 0; i < N_ELEMENTS(compressions); i++)
        if (str_equal(name, compressions[i].name))
            return &compressions[i];
    return NULL;
}

/* A result below ARCHIVE_OK means that a program would be run. */
bool
compression_known(const char *name)
{
    const struct compression *k = find(name);
    struct archive *a = k ? archive_write_new() : NULL;
    bool known = a && k->write(a) == ARCHIVE_OK;

    archive_write_free(a);
    return known;
}

/* What an archive that is not compressed has there. */
static bool
is_tar(const unsigned char *head, size_t n)
{
    return n >= 262 && memcmp(head + 257, "ustar", 5) == 0;
}

const char *
compression_recognise(const unsigned char *head, size_t n)
{
    static const struct {
        const char *name;
        size_t n;
        const char *magic;
    } known[] = {
        {"gzip", 3, "\x1f\x8b\x08"},
        {"bzip2", 3, "BZh"},
        {"xz", 6,
            "\xfd"
            "7zXZ\0"},
        {"zstd", 4, "\x28\xb5\x2f\xfd"},
        {"compress", 2, "\x1f\x9d"},
        {"lzop", 4, "\x89LZO"},
        {"lzma", 3, "]\0\0"},
    };

    for (size_t i = 0; !is_tar(head, n) && i < N_ELEMENTS(known); i++)
        if (n >= known[i].n && memcmp(head, known[i].magic, known[i].n) == 0)
            return known[i].name;
    return NULL;
}

/* libarchive's text of a failed system call ("Write error") lacks the cause;
 * for bad data and bad use it has codes of its own, and a full text. */
static int
fail(struct archive *a, const char *name, struct error *err)
{
    const char *text = archive_error_string(a);
    int code = archive_errno(a);

    if (text && code > 0 && code != EILSEQ && code != EINVAL)
        return error_errno(err, code, "%s: %s", name, text);
    return error_set(err, EIO, "%s: %s", name, text ? text : "failed");
}

/* --- compressing --- */

static int
set_up(struct archive *a, const char *name, int level, struct error *err)
{
    const struct compression *k = find(name);
    char text[16];

    if (!k || k->write(a) != ARCHIVE_OK)
        return fail(a, name, err);
    archive_write_set_format_raw(a);
    archive_write_set_bytes_per_block(a, BLOCK);
    archive_write_set_bytes_in_last_block(a, 1);
    /* Only the library knows which of them can. */
    if (k->threads)
        archive_write_set_filter_option(a, NULL, "threads", "0");
    snprintf(text, sizeof text, "%d", level);
    if (level >= 0 && archive_write_set_filter_option(
                          a, NULL, "compression-level", text) != ARCHIVE_OK)
        return error_set(
            err, EINVAL, "%s has no compression level %d", name, level);
    return 0;
}

static int
compress_all(struct archive *a, int input, int output, const char *name,
    struct error *err)
{
    struct archive_entry *e = archive_entry_new();
    cleanup_free char *block = malloc(BLOCK);
    ssize_t n;

    if (!e || !block) {
        archive_entry_free(e);
        return error_no_memory(err);
    }
    archive_entry_set_filetype(e, AE_IFREG);
    archive_entry_copy_pathname(e, "data");
    archive_entry_unset_size(e);
    int r = archive_write_open_fd(a, output) == ARCHIVE_OK &&
                    archive_write_header(a, e) >= ARCHIVE_WARN
                ? 0
                : fail(a, name, err);
    archive_entry_free(e);
    if (r < 0)
        return -1;
    while ((n = read(input, block, BLOCK)) != 0) {
        if (n < 0 && errno != EINTR)
            return error_errno(err, errno, "cannot read");
        if (n > 0 && archive_write_data(a, block, (size_t)n) < 0)
            return fail(a, name, err);
    }
    return archive_write_close(a) == ARCHIVE_OK ? 0 : fail(a, name, err);
}

int
compress_fd(
    int input, int output, const char *name, int level, struct error *err)
{
    struct archive *a = archive_write_new();

    if (!a)
        return error_no_memory(err);
    int r = set_up(a, name, level, err);
    if (r == 0)
        r = compress_all(a, input, output, name, err);
    /* Discard what is not closed yet. */
    if (r < 0)
        archive_write_fail(a);
    archive_write_free(a);
    return r;
}

/* --- decompressing --- */

static int
decompress_all(struct archive *a, int input, int output, const char *name,
    struct error *err)
{
    const struct compression *k = find(name);
    struct archive_entry *e;
    const void *data;
    size_t size;
    int64_t offset;
    int r;

    archive_read_support_format_raw(a);
    archive_read_support_format_empty(a);
    if (!k || k->read(a) != ARCHIVE_OK ||
        archive_read_open_fd(a, input, BLOCK) != ARCHIVE_OK)
        return fail(a, name, err);
    r = archive_read_next_header(a, &e);
    if (r == ARCHIVE_EOF)
        return 0;
    if (r < ARCHIVE_WARN)
        return fail(a, name, err);
    while (
        (r = archive_read_data_block(a, &data, &size, &offset)) == ARCHIVE_OK)
        if (write_all(output, data, size) < 0)
            return error_errno(err, errno, "cannot write");
    return r == ARCHIVE_EOF ? 0 : fail(a, name, err);
}

int
decompress_fd(int input, int output, const char *name, struct error *err)
{
    struct archive *a = archive_read_new();

    if (!a)
        return error_no_memory(err);
    int r = decompress_all(a, input, output, name, err);
    archive_read_free(a);
    return r;
}
