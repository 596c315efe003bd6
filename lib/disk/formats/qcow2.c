/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* qcow2, versions 2 and 3, after QEMU's docs/interop/qcow2.txt; all numbers
 * big-endian.
 *
 * A file that lost its tail still opens in QEMU and reads as zeros there.  To
 * find that cheaply we ask the refcounts for the last cluster in use (two
 * reads, whatever the size).  Only if that cluster lies beyond the end, or
 * refcounts are known to be out of date, are the tables themselves walked: a
 * leaked cluster beyond the end is harmless, a used one is lost data. */
#include <config.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/cleanup.h"
#include "base/strv.h"
#include "lib/disk/format.h"

enum {
    V2_LENGTH = 72,
    V3_LENGTH = 104,
    BACKING_NAME_MAX = 1023,
    L1_BYTES_MAX = 32 << 20,
    REFTABLE_BYTES_MAX = 8 << 20,
    SNAPSHOTS_MAX = 65536,
    EXTENSIONS_MAX = 64,
    SNAPSHOT_LENGTH = 40,
    SNAPSHOT_EXTRA_MAX = 1024,
    NAMES_SHOWN = 200, /* bytes of names in an error */
};

enum incompatible {
    DIRTY = 1 << 0,
    CORRUPT = 1 << 1,
    DATA_FILE = 1 << 2,
    COMPRESSION = 1 << 3,
    EXTENDED_L2 = 1 << 4,
    KNOWN = DIRTY | CORRUPT | DATA_FILE | COMPRESSION | EXTENDED_L2,
};

enum autoclear { DATA_FILE_RAW = 1 << 1 };

enum extension {
    EXT_END = 0,
    EXT_BACKING_FORMAT = (int)0xe2792aca,
    EXT_DATA_FILE = 0x44415441,
    EXT_ENCRYPTION = 0x0537be77,
};

enum encryption { NOT_ENCRYPTED, OLD_AES, LUKS };

/* The bits of a table entry that are an offset. */
#define OFFSET_MASK 0x00fffffffffffe00u
#define COMPRESSED  ((uint64_t)1 << 62)
#define READS_ZERO  ((uint64_t)1 << 0)

struct qcow2 {
    uint32_t version, cluster_bits, l1_entries, reftable_clusters;
    uint32_t refcount_order, header_length;
    uint64_t backing_offset, l1_offset, reftable_offset, incompatible;
    uint64_t autoclear;
    uint32_t backing_length;
};

static bool
probe(const struct image_source *src, const uint8_t head[IMAGE_HEAD])
{
    (void)src;
    return memcmp(head, "QFI\xfb", 4) == 0 && get_be32(head + 4) >= 2;
}

static int
corrupt(struct error *err, const char *what)
{
    return error_set(err, EINVAL, "corrupt: %s", what);
}

static int
read_version3(
    const struct image_source *src, struct qcow2 *q, struct error *err)
{
    uint8_t b[V3_LENGTH];

    if (source_read(src, b, sizeof b, 0, "the end of the header", err) < 0)
        return -1;
    q->incompatible = get_be64(b + 72);
    q->autoclear = get_be64(b + 88);
    q->refcount_order = get_be32(b + 96);
    q->header_length = get_be32(b + 100);
    if (q->incompatible & ~(uint64_t)KNOWN)
        return error_set(err, ENOTSUP, "qcow2 with unknown features (0x%llx)",
            (unsigned long long)(q->incompatible & ~(uint64_t)KNOWN));
    if (q->incompatible & CORRUPT)
        return error_set(err, EINVAL,
            "marked corrupt; repair it with qemu-img check -r all");
    if (q->refcount_order > 6)
        return corrupt(err, "refcounts of more than 64 bits");
    if (q->header_length < V3_LENGTH ||
        q->header_length > (uint32_t)1 << q->cluster_bits)
        return corrupt(err, "bad length of the header");
    return 0;
}

static int
read_fields(const struct image_source *src, struct qcow2 *q,
    struct image_header *h, struct error *err)
{
    uint8_t b[V2_LENGTH];

    if (source_read(src, b, sizeof b, 0, "the end of the header", err) < 0)
        return -1;
    *q = (struct qcow2){
        .version = get_be32(b + 4),
        .backing_offset = get_be64(b + 8),
        .backing_length = get_be32(b + 16),
        .cluster_bits = get_be32(b + 20),
        .l1_entries = get_be32(b + 36),
        .l1_offset = get_be64(b + 40),
        .reftable_offset = get_be64(b + 48),
        .reftable_clusters = get_be32(b + 56),
        .refcount_order = 4,
        .header_length = V2_LENGTH,
    };
    if (q->version > 3)
        return error_set(
            err, ENOTSUP, "qcow2 of unknown version %u", q->version);
    h->variant = q->version == 2 ? "v2" : "v3";
    h->size = get_be64(b + 24);
    if (q->cluster_bits < 9 || q->cluster_bits > 21)
        return corrupt(err, "bad cluster size");
    h->cluster_size = (uint32_t)1 << q->cluster_bits;
    if (q->version == 3 && read_version3(src, q, err) < 0)
        return -1;
    if (get_be32(b + 32) == OLD_AES)
        return error_set(err, ENOTSUP,
            "encrypted with qcow2's old AES, which is weak and no virtual "
            "machine opens any more; decrypt it with qemu-img convert first");
    if (get_be32(b + 32) > LUKS)
        return error_set(err, ENOTSUP, "qcow2 with an unknown encryption (%u)",
            get_be32(b + 32));
    h->encrypted = get_be32(b + 32) == LUKS;
    if (get_be32(b + 60) > SNAPSHOTS_MAX)
        return corrupt(err, "too many snapshots");
    return 0;
}

/* The header of LUKS, version 1; the rest of it is for QEMU. */
static int
read_luks(const struct image_source *src, uint64_t at, struct luks_work *ret,
    struct error *err)
{
    enum { DIGEST = 164, SLOTS = 208, SLOT_LENGTH = 48, ENABLED = 0xac71f3 };
    uint8_t b[SLOTS + N_ELEMENTS(ret->slots) * SLOT_LENGTH];

    if (source_read(src, b, sizeof b, at, "the LUKS header", err) < 0)
        return -1;
    if (memcmp(b, "LUKS\xba\xbe", 6) != 0)
        return corrupt(err, "no LUKS header where it should be");
    ret->digest = get_be32(b + DIGEST);
    for (size_t i = 0; i < N_ELEMENTS(ret->slots); i++) {
        const uint8_t *slot = b + SLOTS + i * SLOT_LENGTH;

        ret->slots[i] = get_be32(slot) == ENABLED ? get_be32(slot + 4) : 0;
    }
    return 0;
}

static int
read_encryption(const struct image_source *src, struct image_header *h,
    uint64_t at, uint32_t length, struct error *err)
{
    uint8_t b[16];

    if (!h->encrypted || length != sizeof b)
        return corrupt(err, "bad header extension of the encryption");
    if (!source_peek(src, b, sizeof b, at))
        return error_errno(err, errno, "cannot read");
    if (get_be64(b) % h->cluster_size || get_be64(b + 8) == 0)
        return corrupt(err, "bad place of the LUKS header");
    if (!source_holds(src, get_be64(b), get_be64(b + 8)))
        return source_truncated(src, get_be64(b), "the LUKS header", err);
    return read_luks(src, get_be64(b), &h->luks, err);
}

/* The cluster of the header also holds the extensions and the name of the
 * backing file. */
static int
read_extensions(const struct image_source *src, const struct qcow2 *q,
    struct image_header *h, struct error *err)
{
    uint64_t at = q->header_length;
    uint64_t end = q->backing_offset ? q->backing_offset : h->cluster_size;
    bool has_luks = false;

    for (int i = 0; at + 8 <= end; i++) {
        uint8_t b[8];
        char **name = NULL;

        if (i == EXTENSIONS_MAX)
            return corrupt(err, "too many header extensions");
        if (!source_peek(src, b, sizeof b, at))
            return error_errno(err, errno, "cannot read");

        uint32_t type = get_be32(b), length = get_be32(b + 4);
        at += 8;
        if (type == EXT_END)
            break;
        if (length > end - at)
            return corrupt(err, "header extension of bad length");
        if (type == (uint32_t)EXT_ENCRYPTION) {
            if (has_luks || read_encryption(src, h, at, length, err) < 0)
                return has_luks ? corrupt(err, "two encryptions") : -1;
            has_luks = true;
        }
        if (type == (uint32_t)EXT_BACKING_FORMAT)
            name = &h->backing_format;
        else if (type == (uint32_t)EXT_DATA_FILE)
            name = &h->data_file;
        if (name) {
            if (*name || length > IMAGE_NAME_MAX)
                return corrupt(err, "bad header extension");
            *name =
                source_read_name(src, at, length, "a header extension", err);
            if (!*name)
                return -1;
        }
        at += ((uint64_t)length + 7) & ~(uint64_t)7;
    }
    if (h->encrypted && !has_luks)
        return corrupt(err, "encrypted without a LUKS header");
    return 0;
}

static int
read_names(const struct image_source *src, const struct qcow2 *q,
    struct image_header *h, struct error *err)
{
    if (q->backing_offset > h->cluster_size ||
        (q->backing_offset && q->backing_offset < q->header_length))
        return corrupt(err, "bad offset of the backing file's name");
    if (q->backing_offset &&
        (q->backing_length > BACKING_NAME_MAX ||
            q->backing_length > h->cluster_size - q->backing_offset))
        return corrupt(err, "bad length of the backing file's name");
    if (read_extensions(src, q, h, err) < 0)
        return -1;
    h->has_data_file = q->incompatible & DATA_FILE;
    h->data_file_raw = h->has_data_file && q->autoclear & DATA_FILE_RAW;
    if (h->data_file && !h->has_data_file)
        return corrupt(err, "data file named but not used");
    if (q->backing_offset && q->backing_length > 0) {
        h->backing = source_read_name(src, q->backing_offset, q->backing_length,
            "the backing file's name", err);
        if (!h->backing)
            return -1;
    }
    return 0;
}

static int
check_tables(const struct image_source *src, const struct qcow2 *q,
    const struct image_header *h, struct error *err)
{
    /* Each L1 entry is for one L2 table, one cluster long. */
    uint32_t entry = q->incompatible & EXTENDED_L2 ? 16 : 8;
    uint32_t bits = q->cluster_bits + (q->cluster_bits - (entry == 8 ? 3 : 4));
    uint64_t needed =
        (h->size >> bits) + ((h->size & (((uint64_t)1 << bits) - 1)) != 0);
    uint64_t l1_bytes = (uint64_t)q->l1_entries * 8;

    if (q->incompatible & EXTENDED_L2 && q->cluster_bits < 14)
        return corrupt(err, "extended L2 entries with small clusters");
    if (l1_bytes > L1_BYTES_MAX)
        return corrupt(err, "the L1 table is too large");
    if (needed > q->l1_entries)
        return corrupt(err, "the L1 table is too small for the disk");
    if (q->l1_offset % h->cluster_size || q->reftable_offset % h->cluster_size)
        return corrupt(err, "a misaligned table");
    if (q->reftable_clusters == 0 ||
        (uint64_t)q->reftable_clusters << q->cluster_bits > REFTABLE_BYTES_MAX)
        return corrupt(err, "bad size of the refcount table");
    if (q->l1_entries > 0 && !source_holds(src, q->l1_offset, l1_bytes))
        return source_truncated(src, q->l1_offset, "the L1 table", err);
    if (!source_holds(src, q->reftable_offset, 8))
        return source_truncated(
            src, q->reftable_offset, "the refcount table", err);
    return 0;
}

/* Find the last nonzero byte among N bytes of the image: 1 and its offset, 0 if
 * all are zero, -1 on failure. */
static int
last_nonzero(
    const struct image_source *src, uint64_t offset, uint64_t n, uint64_t *ret)
{
    uint8_t b[4096];

    while (n > 0) {
        size_t chunk = n % sizeof b ? n % sizeof b : sizeof b;

        n -= chunk;
        if (!source_peek(src, b, chunk, offset + n))
            return -1;
        for (size_t i = chunk; i-- > 0;)
            if (b[i]) {
                *ret = n + i;
                return 1;
            }
    }
    return 0;
}

/* The first byte of the last cluster that has a refcount. */
static int
last_cluster(const struct image_source *src, const struct qcow2 *q,
    uint64_t *ret, struct error *err)
{
    uint64_t at,
        block_clusters = (uint64_t)8 << q->cluster_bits >> q->refcount_order;
    int found = last_nonzero(src, q->reftable_offset,
        (uint64_t)q->reftable_clusters << q->cluster_bits, &at);

    *ret = 0;
    if (found < 0)
        return error_errno(err, errno, "cannot read");
    if (found == 0)
        return corrupt(err, "the refcount table is empty");

    uint64_t index = at / 8;
    uint8_t b[8];
    if (!source_peek(src, b, sizeof b, q->reftable_offset + index * 8))
        return error_errno(err, errno, "cannot read");

    uint64_t block = get_be64(b) & OFFSET_MASK;
    if (!source_holds(src, block, 1))
        return source_truncated(src, block, "a refcount block", err);
    found = last_nonzero(src, block, (uint64_t)1 << q->cluster_bits, &at);
    if (found < 0)
        return error_errno(err, errno, "cannot read");
    if (found == 0)
        return 0; /* an empty block: no information */
    uint64_t cluster = index * block_clusters + (at * 8 >> q->refcount_order);
    if (cluster > UINT64_MAX >> q->cluster_bits)
        return corrupt(err, "refcounts beyond the largest file");
    *ret = cluster << q->cluster_bits;
    return 0;
}

/* Does one L2 table point beyond the end of the file? */
static int
check_l2(const struct image_source *src, const struct qcow2 *q,
    const uint8_t *table, size_t size, struct error *err)
{
    size_t step = q->incompatible & EXTENDED_L2 ? 16 : 8;
    uint64_t compressed_mask =
        ((uint64_t)1 << (62 - (q->cluster_bits - 8))) - 1;

    for (size_t i = 0; i < size; i += step) {
        uint64_t entry = get_be64(table + i), offset = entry & OFFSET_MASK;

        if (entry & COMPRESSED)
            offset = entry & compressed_mask;
        else if (step == 8 && q->version == 3 && entry & READS_ZERO)
            continue;
        if (offset != 0 && !source_holds(src, offset, 1))
            return source_truncated(src, offset, "data of the disk", err);
    }
    return 0;
}

/* Walk as much of the tables as the budget allows. */
static int
walk(struct image_source *src, const struct qcow2 *q, bool own_data,
    struct error *err)
{
    size_t l1_bytes = (size_t)q->l1_entries * 8;
    size_t l2_bytes = (size_t)1 << q->cluster_bits;
    cleanup_free uint8_t *l1 = malloc(l1_bytes + 1);
    cleanup_free uint8_t *l2 = malloc(l2_bytes);

    if (!l1 || !l2)
        return error_no_memory(err);
    if (source_read(src, l1, l1_bytes, q->l1_offset, "the L1 table", err) < 0)
        return -1;
    for (size_t i = 0; i < l1_bytes; i += 8) {
        uint64_t offset = get_be64(l1 + i) & OFFSET_MASK;

        if (offset == 0)
            continue;
        if (!source_holds(src, offset, 1))
            return source_truncated(src, offset, "an L2 table", err);
        if (!own_data || !source_pay(src, l2_bytes))
            continue;
        if (!source_peek(src, l2, l2_bytes, offset))
            return error_errno(err, errno, "cannot read");
        if (check_l2(src, q, l2, l2_bytes, err) < 0)
            return -1;
    }
    return 0;
}

static int
check(struct image_source *src, const struct qcow2 *q,
    const struct image_header *h, struct error *err)
{
    uint64_t last;

    if (check_tables(src, q, h, err) < 0 ||
        last_cluster(src, q, &last, err) < 0)
        return -1;
    if (q->incompatible & DIRTY || !source_holds(src, last, 1))
        return walk(src, q, !h->has_data_file, err);
    return 0;
}

static int
read_header(struct image_source *src, struct image_header *h, struct error *err)
{
    struct qcow2 q;

    if (read_fields(src, &q, h, err) < 0 || read_names(src, &q, h, err) < 0)
        return -1;
    return check(src, &q, h, err);
}

/* --- internal snapshots --- */

/* A snapshot is an L1 table of its own: a header that names this table instead
 * of the present one shows the disk as it was. */
struct snapshot {
    uint64_t l1_offset, size;
    uint32_t l1_entries;
    char *name, *id;
};

static void
snapshot_clear(struct snapshot *s)
{
    free(s->name);
    free(s->id);
    *s = (struct snapshot){0};
}

/* The text at *at, which moves on. */
static char *
read_text(
    const struct image_source *src, uint64_t *at, size_t n, struct error *err)
{
    char *text = n ? source_read_name(src, *at, n, "a snapshot's name", err)
                   : calloc(1, 1);

    if (!text && n == 0)
        error_no_memory(err);
    *at += n;
    return text;
}

/* The entry at *at of the table, which moves on to the next. */
static int
read_snapshot(const struct image_source *src, uint64_t *at,
    struct snapshot *ret, struct error *err)
{
    uint8_t b[SNAPSHOT_LENGTH], size[8];
    struct snapshot s = {0};

    if (source_read(src, b, sizeof b, *at, "the table of snapshots", err) < 0)
        return -1;
    s.l1_offset = get_be64(b);
    s.l1_entries = get_be32(b + 8);
    s.size = ret->size;
    uint32_t extra = get_be32(b + 36);
    if (extra > SNAPSHOT_EXTRA_MAX)
        return corrupt(err, "a snapshot with too much extra data");
    *at += sizeof b;
    if (extra >= 16) {
        if (source_read(src, size, sizeof size, *at + 8,
                "the size of a snapshot", err) < 0)
            return -1;
        s.size = get_be64(size);
    }
    *at += extra;
    if (!(s.id = read_text(src, at, get_be16(b + 12), err)) ||
        !(s.name = read_text(src, at, get_be16(b + 14), err))) {
        snapshot_clear(&s);
        return -1;
    }
    *at = (*at + 7) & ~(uint64_t)7;
    *ret = s;
    return 0;
}

/* For an error: the names so far, and one more. */
static int
add_name(char **list, const char *name)
{
    cleanup_free char *shown = text_escape(name);
    char *longer = shown && (!*list || strlen(*list) < NAMES_SHOWN)
                       ? text_printf("%s%s%s", *list ? *list : "",
                             *list ? ", " : "", shown)
                       : NULL;

    if (longer) {
        free(*list);
        *list = longer;
    }
    return shown ? 0 : -1;
}

/* By its name, else by its ID, as QEMU's tools find it. */
static int
find_snapshot(const struct image_source *src, const char *wanted,
    uint64_t disk_size, struct snapshot *ret, struct error *err)
{
    cleanup_free char *names = NULL;
    struct snapshot by_id = {0};
    uint8_t b[12];

    if (source_read(src, b, sizeof b, 60, "the end of the header", err) < 0)
        return -1;
    uint64_t at = get_be64(b + 4);
    for (uint32_t i = 0; i < get_be32(b); i++) {
        struct snapshot s = {.size = disk_size};

        if (read_snapshot(src, &at, &s, err) < 0 ||
            (add_name(&names, s.name) < 0 && error_no_memory(err) < 0)) {
            snapshot_clear(&s);
            snapshot_clear(&by_id);
            return -1;
        }
        if (str_equal(s.name, wanted)) {
            snapshot_clear(&by_id);
            return *ret = s, 0;
        }
        if (!by_id.id && str_equal(s.id, wanted))
            by_id = s;
        else
            snapshot_clear(&s);
    }
    if (by_id.id)
        return *ret = by_id, 0;
    return names ? error_set(err, ENOENT, "no snapshot '%s'; it has %s", wanted,
                       names)
                 : error_set(err, ENOENT,
                       "no snapshot '%s': it has no snapshots", wanted);
}

static int
take_snapshot(struct image_source *src, struct image_header *h,
    const char *name, struct error *err)
{
    struct snapshot s = {0};
    struct qcow2 q;

    if (h->has_data_file)
        return error_set(
            err, ENOTSUP, "snapshots of an image with a data file");
    if (read_fields(src, &q, h, err) < 0 ||
        find_snapshot(src, name, h->size, &s, err) < 0)
        return -1;
    q.l1_offset = s.l1_offset;
    q.l1_entries = s.l1_entries;
    h->size = s.size;
    snapshot_clear(&s);
    if (check(src, &q, h, err) < 0)
        return error_context(err, "snapshot '%s'", name);

    uint8_t *head = malloc(h->cluster_size);
    if (!head)
        return error_no_memory(err);
    h->head = head;
    h->head_size = h->cluster_size;
    h->file_size = src->size;
    if (!source_peek(src, head, h->cluster_size, 0))
        return error_errno(err, errno, "cannot read");
    put_be64(head + 24, h->size);
    put_be32(head + 36, q.l1_entries);
    put_be64(head + 40, q.l1_offset);
    memset(head + 60, 0, 12); /* no snapshots */
    if (q.version == 3)
        memset(head + 88, 0, 8); /* no bitmaps */
    return 0;
}

const struct image_kind image_qcow2 = {
    .name = "qcow2",
    .format = IMAGE_QCOW2,
    .probe = probe,
    .read = read_header,
    .take_snapshot = take_snapshot,
};
