/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* VMware disks, after "Virtual Disk Format 5.0"; numbers little-endian.
 *
 * Two forms: a sparse file ("KDMV") that holds its own descriptor, or a text
 * file, the descriptor, that lists the files with the data (vmdk_text.c).
 *
 *     sparse:  header, descriptor text, grain directory -> grain tables ->
 *              grains; in a stream the directory comes last, and a second
 *              header, the footer, says where */
#include <config.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/cleanup.h"
#include "base/strv.h"
#include "lib/disk/format.h"
#include "lib/disk/formats/vmdk_check.h"
#include "lib/disk/formats/vmdk_esx.h"
#include "lib/disk/formats/vmdk_text.h"

enum {
    SECTOR = 512,
    HEADER = 79,
    TABLE_ENTRIES_MAX = 512,
    TABLES_MAX = 512 << 20,
    COMPRESSED = 1 << 16,
    MARKERS = 1 << 17,
};

static const uint64_t AT_END = UINT64_MAX; /* the directory is in the footer */

struct sparse {
    uint64_t capacity, grain, descriptor, descriptor_size, directory;
    uint32_t version, flags, table_entries, compression;
};

static bool
probe(const struct image_source *src, const uint8_t head[IMAGE_HEAD])
{
    (void)src;
    return memcmp(head, "KDMV", 4) == 0 || vmdk_text_probe(head, IMAGE_HEAD);
}

static int
corrupt(struct error *err, const char *what)
{
    return error_set(err, EINVAL, "corrupt: %s", what);
}

static void
parse_sparse(const uint8_t b[HEADER], struct sparse *s)
{
    *s = (struct sparse){
        .version = get_le32(b + 4),
        .flags = get_le32(b + 8),
        .capacity = get_le64(b + 12),
        .grain = get_le64(b + 20),
        .descriptor = get_le64(b + 28),
        .descriptor_size = get_le64(b + 36),
        .table_entries = get_le32(b + 44),
        .directory = get_le64(b + 56),
        .compression = get_le16(b + 77),
    };
}

static int
read_sparse(const struct image_source *src, struct sparse *s, struct error *err)
{
    uint8_t b[HEADER];

    if (source_read(src, b, sizeof b, 0, "the end of the header", err) < 0)
        return -1;
    if (memcmp(b, "KDMV", 4) != 0)
        return error_set(err, EINVAL, "not a sparse vmdk extent");
    parse_sparse(b, s);
    if (s->version < 1 || s->version > 3)
        return error_set(
            err, ENOTSUP, "vmdk of unknown version %u", s->version);
    if (memcmp(b + 73, "\n \r\n", 4) != 0)
        return corrupt(err, "its line ends were converted, as by a transfer "
                            "in text mode");
    if (s->directory == AT_END) {
        struct sparse first = *s;
        uint64_t at = src->size - (uint64_t)2 * SECTOR;

        if (src->size < (uint64_t)3 * SECTOR ||
            source_read(src, b, sizeof b, at, "the footer", err) < 0 ||
            memcmp(b, "KDMV", 4) != 0)
            return error_set(
                err, EINVAL, "truncated: no footer at the end of the file");
        parse_sparse(b, s);
        if (s->capacity != first.capacity || s->grain != first.grain ||
            s->table_entries != first.table_entries || s->directory == AT_END)
            return corrupt(err, "header and footer differ");
        s->descriptor = first.descriptor;
        s->descriptor_size = first.descriptor_size;
    }
    if (s->capacity == 0 || s->capacity > IMAGE_SIZE_MAX / SECTOR)
        return corrupt(err, "bad size of the disk");
    if (s->grain == 0 || s->grain > 128 << 10 || (s->grain & (s->grain - 1)))
        return corrupt(err, "bad size of the grains");
    if (s->table_entries == 0 || s->table_entries > TABLE_ENTRIES_MAX)
        return corrupt(err, "bad size of the grain tables");
    return 0;
}

/* One grain table: where its grains are. */
static int
check_table(struct image_source *src, const struct sparse *s, uint64_t offset,
    struct error *err)
{
    uint8_t table[TABLE_ENTRIES_MAX * 4];
    size_t n = (size_t)s->table_entries * 4;

    if (!source_holds(src, offset, n))
        return source_truncated(src, offset, "a grain table", err);
    if (!source_pay(src, n))
        return 0;
    if (source_read(src, table, n, offset, "a grain table", err) < 0)
        return -1;
    for (size_t i = 0; i < n; i += 4) {
        uint64_t grain = (uint64_t)get_le32(table + i) * SECTOR;

        /* Sector 1 marks a grain of zeros. */
        if (grain > SECTOR && !source_holds(src, grain, 1))
            return source_truncated(src, grain, "data of the disk", err);
    }
    return 0;
}

static int
check_directory(
    struct image_source *src, const struct sparse *s, struct error *err)
{
    uint64_t covered = s->grain * s->table_entries;
    uint64_t tables = s->capacity / covered + (s->capacity % covered != 0);
    uint8_t b[4096];

    if (tables > TABLES_MAX || s->directory > IMAGE_SIZE_MAX / SECTOR)
        return corrupt(err, "the grain directory is too large");

    uint64_t directory = s->directory * SECTOR;
    if (!source_holds(src, directory, tables * 4))
        return source_truncated(src, directory, "the grain directory", err);
    for (uint64_t at = 0; at < tables * 4;) {
        uint64_t left = tables * 4 - at;
        size_t n = left < sizeof b ? (size_t)left : sizeof b;

        if (!source_pay(src, n))
            return 0;
        if (source_read(src, b, n, directory + at, "the grain directory", err) <
            0)
            return -1;
        for (size_t i = 0; i < n; i += 4) {
            uint64_t table = (uint64_t)get_le32(b + i) * SECTOR;

            if (table && check_table(src, s, table, err) < 0)
                return -1;
        }
        at += n;
    }
    return 0;
}

/* The descriptor inside a sparse file says only what it is and whether it
 * has a parent; its extent is the file itself. */
static int
read_own_descriptor(struct image_source *src, const struct sparse *s,
    struct image_header *h, struct error *err)
{
    uint64_t n = s->descriptor_size;

    if (s->descriptor == 0 || n == 0)
        return vmdk_check_parent(src, SECTOR, NULL, err);
    if (n > VMDK_TEXT_MAX / SECTOR || s->descriptor > IMAGE_SIZE_MAX / SECTOR)
        return corrupt(err, "the descriptor is too large");
    if (vmdk_text_read(
            src, s->descriptor * SECTOR, (size_t)n * SECTOR, h, err) < 0 ||
        vmdk_check_parent(src, SECTOR, h->backing, err) < 0)
        return -1;
    for (uint32_t i = 0; i < h->n_extents; i++)
        free(h->extents[i].file);
    free(steal_pointer(&h->extents));
    free(steal_pointer(&h->descriptor));
    h->n_extents = 0;
    return 0;
}

static int
read_header(struct image_source *src, struct image_header *h, struct error *err)
{
    uint8_t magic[4];
    struct sparse s;

    if (!source_peek(src, magic, sizeof magic, 0))
        return error_errno(err, errno, "cannot read");
    if (memcmp(magic, "KDMV", 4) != 0) {
        if (src->size > VMDK_TEXT_MAX)
            return corrupt(err, "the descriptor is too large");
        if (vmdk_text_read(src, 0, (size_t)src->size, h, err) < 0 ||
            vmdk_check_lines(h->descriptor, err) < 0)
            return -1;
        return vmdk_check_parent(src, 0, h->backing, err);
    }
    h->variant = "monolithicSparse";
    if (read_sparse(src, &s, err) < 0 ||
        read_own_descriptor(src, &s, h, err) < 0)
        return -1;
    h->size = s.capacity * SECTOR;
    h->cluster_size = (uint32_t)s.grain * SECTOR;
    if (s.flags & (COMPRESSED | MARKERS) || s.compression)
        h->write_refused = "a compressed vmdk cannot be changed in place";
    else if (s.version == 3)
        h->write_refused = "a vmdk of version 3 cannot be changed";
    return check_directory(src, &s, err);
}

int
image_read_extent(struct image_source *src, const struct image_extent *extent,
    struct error *err)
{
    struct sparse s;

    if (str_equal(extent->type, "FLAT") || str_equal(extent->type, "VMFS")) {
        if (!source_holds(src, extent->offset, extent->size))
            return source_truncated(src, extent->offset + extent->size,
                "the end of the extent", err);
        return 0;
    }
    if (str_equal(extent->type, "VMFSSPARSE"))
        return vmdk_check_cowd(src, extent->size, err);
    if (str_equal(extent->type, "SESPARSE"))
        return vmdk_check_sesparse(src, extent->size, err);
    if (read_sparse(src, &s, err) < 0)
        return -1;
    if (s.capacity * SECTOR < extent->size)
        return corrupt(err, "the extent is smaller than the descriptor says");
    return check_directory(src, &s, err);
}

const struct image_kind image_vmdk = {
    .name = "vmdk",
    .format = IMAGE_VMDK,
    .probe = probe,
    .read = read_header,
};
