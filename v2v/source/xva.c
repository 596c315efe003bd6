/* SPDX-License-Identifier: GPL-2.0-or-later */
/* -i xva: the output of `xe vm-export` of XenServer and XCP-ng, plain or
 * compressed.  It is a tar archive:
 *
 *     ova.xml                    the machine
 *     Ref:4/00000000             1 MiB of the disk Ref:4
 *     Ref:4/00000000.xxhash      its sum, or .checksum
 *     Ref:4/00000007 ...         the pieces between were zero
 *
 * An empty piece is a keep-alive of the exporter.  It takes a number but no
 * place, so a piece's place does not follow from its number: it is the sum of
 * the lengths before it, where each missing number counts as the length of the
 * first piece. */
#include <config.h>

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>
#include <xxhash.h>

#include "base/cleanup.h"
#include "base/hash.h"
#include "base/strv.h"
#include "tool/progress.h"
#include "tool/signals.h"
#include "v2v/copy/import_target.h"
#include "v2v/source/reader.h"
#include "v2v/source/source.h"
#include "v2v/source/xva_metadata.h"

enum {
    METADATA_MAX = 16 << 20,
    PIECE_MAX = 16 << 20,
    SUM_MAX = 128,
    NUMBER_DIGITS_MAX = 12,
    SLACK = 64 << 20,
};

/* --- the archive --- */

static int
archive_fail(struct archive *a, struct error *err)
{
    const char *text = archive_error_string(a);

    return error_set(err, EINVAL, "damaged: %s", text ? text : "unknown error");
}

static int
open_archive(const char *path, struct archive **ret, struct error *err)
{
    struct archive *a;

    if (access(path, R_OK) < 0)
        return error_errno(err, errno, "cannot open it");
    if (!(a = archive_read_new()))
        return error_no_memory(err);
    archive_read_support_format_tar(a);
    archive_read_support_filter_gzip(a);
    archive_read_support_filter_zstd(a);
    if (archive_read_open_filename(a, path, 1 << 20) != ARCHIVE_OK) {
        error_set(err, EINVAL, "it is not an XVA: %s", archive_error_string(a));
        archive_read_free(a);
        return -1;
    }
    *ret = a;
    return 0;
}

/* The next entry, NULL at the end.  The archive may unpack to SPACE bytes: a
 * compressed one of a few kilobytes can go on for years. */
static int
next_entry(struct archive *a, uint64_t space, struct archive_entry **ret,
    struct error *err)
{
    int r = archive_read_next_header(a, ret);

    if (r == ARCHIVE_EOF) {
        *ret = NULL;
        return 0;
    }
    if (r < ARCHIVE_WARN)
        return archive_fail(a, err);
    uint64_t at = (uint64_t)archive_filter_bytes(a, 0);
    int64_t size = archive_entry_size(*ret);
    if (size < 0 || at > space || (uint64_t)size > space - at)
        return error_set(err, EFBIG,
            "damaged: it unpacks to more than its description allows");
    return 0;
}

/* What the archive of a guest takes: its disks, each piece with the headers of
 * itself and of its sum, and keep-alives. */
static uint64_t
space_of(const struct guest *guest)
{
    uint64_t space = METADATA_MAX + SLACK;

    for (size_t i = 0; i < guest->n_disks; i++) {
        uint64_t size = guest->disks[i].size;

        if (size > (UINT64_MAX - space) / 2)
            return UINT64_MAX;
        space += size + size / 16;
    }
    return space;
}

/* The whole content of an entry, at most MAX bytes. */
static int
read_entry(struct archive *a, struct archive_entry *e, uint8_t *data,
    size_t max, size_t *ret_size, struct error *err)
{
    int64_t size = archive_entry_size(e);

    if (size < 0 || (uint64_t)size > max)
        return error_set(err, EINVAL, "damaged: a part of it is too large");
    for (size_t at = 0; at < (size_t)size;) {
        la_ssize_t n = archive_read_data(a, data + at, (size_t)size - at);

        if (n < 0)
            return archive_fail(a, err);
        if (n == 0)
            return error_set(err, EINVAL, "damaged: it ends too early");
        at += (size_t)n;
    }
    *ret_size = (size_t)size;
    return 0;
}

/* --- pieces --- */

/* The state of reading a disk. */
struct reading {
    const struct guest_disk *disk;
    struct import *to;
    uint64_t space;
    uint8_t *data;
    size_t size;     /* of the piece in data */
    uint64_t first;  /* the length of the first piece */
    uint64_t next;   /* the next number expected */
    uint64_t offset; /* the place of the next piece */
    bool unchecked;  /* a piece has not been checked yet */
    uint64_t number; /* of that */
};

static int
bad(const struct reading *r, struct error *err, const char *what)
{
    return error_set(err, EINVAL, "damaged: %s/%08" PRIu64 " %s",
        r->disk->member, r->number, what);
}

/* "Ref:4/00000007.xxhash": does it belong to this disk, and what is it? */
static bool
is_of_disk(const struct reading *r, const char *path, uint64_t *ret_number,
    const char **ret_ending)
{
    const char *rest = path ? str_after(path, r->disk->member) : NULL;
    size_t digits = rest && *rest == '/' ? strspn(rest + 1, "0123456789") : 0;

    if (digits < 1 || digits > NUMBER_DIGITS_MAX)
        return false;
    *ret_number = strtoull(rest + 1, NULL, 10);
    *ret_ending = rest + 1 + digits;
    return true;
}

static int
take_piece(struct reading *r, struct archive *a, struct archive_entry *e,
    struct error *err)
{
    uint64_t number = r->number, gap;

    if (r->unchecked)
        return bad(r, err, "follows a piece without a sum");
    if (number < r->next)
        return bad(r, err, "comes too late");
    if (read_entry(a, e, r->data, PIECE_MAX, &r->size, err) < 0)
        return -1;
    if (r->next == 0) {
        if (number != 0 || r->size == 0)
            return bad(r, err, "is not the first piece");
        r->first = r->size;
    }
    gap = number - r->next;
    if (r->offset > r->disk->size ||
        (gap && gap > (r->disk->size - r->offset) / r->first))
        return bad(r, err, "is beyond the end of the disk");
    r->offset += gap * r->first;
    if (r->size > r->disk->size - r->offset)
        return bad(r, err, "is beyond the end of the disk");
    r->next = number + 1;
    r->unchecked = true;
    return 0;
}

/* XXH64 or SHA-1, as hexadecimal digits. */
static char *
sum_of(const struct reading *r, const char *ending)
{
    cleanup_hash struct hash *hash = NULL;

    if (str_equal(ending, ".xxhash"))
        return text_printf("%016" PRIx64, (uint64_t)XXH64(r->data, r->size, 0));
    if (!str_equal(ending, ".checksum") || !(hash = hash_new(HASH_SHA1)))
        return NULL;
    hash_feed(hash, r->data, r->size);
    return hash_hex(hash);
}

static int
take_sum(struct reading *r, struct archive *a, struct archive_entry *e,
    const char *ending, struct error *err)
{
    uint8_t text[SUM_MAX + 1];
    size_t size;
    cleanup_free char *sum = sum_of(r, ending);

    if (!r->unchecked || r->number + 1 != r->next)
        return bad(r, err, "is a sum without its piece");
    if (!sum)
        return bad(r, err, "has an unknown kind of sum");
    if (read_entry(a, e, text, SUM_MAX, &size, err) < 0)
        return -1;
    text[size] = 0;
    text[strcspn((char *)text, " \n")] = 0;
    if (strcasecmp((char *)text, sum) != 0)
        return bad(r, err, "has the wrong sum");
    if (import_write(r->to, r->data, r->size, r->offset, err) < 0)
        return -1;
    r->offset += r->size;
    r->unchecked = false;
    return 0;
}

static int
read_pieces(struct reading *r, struct archive *a, struct error *err)
{
    struct archive_entry *e;

    for (;;) {
        const char *ending;

        if (tool_interrupted())
            return error_set(err, EINTR, "interrupted");
        if (next_entry(a, r->space, &e, err) < 0)
            return -1;
        if (!e)
            break;
        if (!is_of_disk(r, archive_entry_pathname(e), &r->number, &ending))
            continue;
        if (*ending ? take_sum(r, a, e, ending, err) < 0
                    : take_piece(r, a, e, err) < 0)
            return -1;
        tool_progress_show("read", r->offset, r->disk->size);
    }
    if (r->unchecked)
        return bad(r, err, "has no sum");
    if (r->offset != r->disk->size)
        return error_set(err, EINVAL,
            "damaged: %s has %" PRIu64 " bytes of %" PRIu64, r->disk->member,
            r->offset, r->disk->size);
    return 0;
}

/* --- the description --- */

static int
read_metadata(struct archive *a, struct guest *ret, struct error *err)
{
    struct archive_entry *e;
    size_t size;

    if (next_entry(a, METADATA_MAX + SLACK, &e, err) < 0)
        return -1;
    if (!e || !archive_entry_pathname(e) ||
        !str_equal(archive_entry_pathname(e), "ova.xml"))
        return error_set(
            err, EINVAL, "it is not an XVA: it does not start with ova.xml");

    cleanup_free uint8_t *text = malloc(METADATA_MAX);
    if (!text)
        return error_no_memory(err);
    if (read_entry(a, e, text, METADATA_MAX, &size, err) < 0)
        return -1;
    return xva_metadata_read((char *)text, size, ret, err);
}

static int
copy(const struct guest_disk *disk, struct import *to, struct error *err)
{
    struct reading r = {.disk = disk, .to = to, .data = malloc(PIECE_MAX)};
    cleanup_free uint8_t *owned = r.data;
    struct archive *a;

    if (!r.data)
        return error_no_memory(err);
    if (import_begin(to, disk->size, err) < 0 ||
        open_archive(disk->path, &a, err) < 0)
        return -1;

    /* How large its other disks are is said at its beginning. */
    cleanup_guest struct guest guest = {0};
    int result = read_metadata(a, &guest, err);
    r.space = space_of(&guest);
    if (result == 0)
        result = read_pieces(&r, a, err);
    archive_read_free(a);
    return result;
}

const struct disk_reader reader_xva = {.copy = copy};

/* --- the machine --- */

static int
read_xva(
    char *const *words, size_t n_words, struct guest *ret, struct error *err)
{
    struct archive *a;

    (void)n_words;
    if (open_archive(words[0], &a, err) < 0)
        return error_context(err, "%s", words[0]);

    int r = read_metadata(a, ret, err);
    archive_read_free(a);
    if (r < 0)
        return error_context(err, "%s", words[0]);
    for (size_t i = 0; i < ret->n_disks; i++) {
        ret->disks[i].reader = &reader_xva;
        if (!(ret->disks[i].path = strdup(words[0])))
            return error_no_memory(err);
    }
    return 0;
}

const struct source source_xva = {
    .name = "xva",
    .help = "FILE: an export of XenServer or XCP-ng",
    .read = read_xva,
};
