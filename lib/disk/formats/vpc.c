/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Virtual PC images (.vhd), after Microsoft's "Virtual Hard Disk Image Format
 * Specification"; numbers big-endian.
 *
 * A dynamic image starts with a copy of the footer, a fixed one has only the
 * footer, after the raw data; it is believed only if every field fits. */
#include <config.h>

#include <errno.h>
#include <string.h>

#include "base/bytes.h"
#include "base/cleanup.h"
#include "lib/disk/format.h"

enum {
    FOOTER = 512,
    DYNAMIC_HEADER = 1024,
    TYPE_FIXED = 2,
    TYPE_DYNAMIC = 3,
    TYPE_DIFFERENCING = 4,
    UNUSED_BLOCK = -1,
};

/* The largest geometry: larger disks have their size in bytes. */
static const uint64_t GEOMETRY_MAX = (uint64_t)65535 * 16 * 255;

static uint32_t
checksum(const uint8_t *p, size_t n, size_t field)
{
    uint32_t sum = 0;

    for (size_t i = 0; i < n; i++)
        if (i < field || i >= field + 4)
            sum += p[i];
    return ~sum;
}

static bool
is_footer(const uint8_t *b)
{
    return memcmp(b, "conectix", 8) == 0 &&
           checksum_good(checksum(b, FOOTER, 64), get_be32(b + 64));
}

/* Programs disagree on the size: the geometry, which rounds, or the size in
 * bytes.  These use bytes. */
static bool
sized_by_bytes(const uint8_t *b)
{
    static const char makers[][5] = {"win ", "qem2", "d2v ", "tap\0", "CTXS"};

    for (size_t i = 0; i < N_ELEMENTS(makers); i++)
        if (memcmp(b + 28, makers[i], 4) == 0)
            return true;
    return false;
}

static uint64_t
disk_size(const uint8_t *b)
{
    uint64_t sectors = (uint64_t)get_be16(b + 56) * b[58] * b[59];

    if (sized_by_bytes(b) || sectors == GEOMETRY_MAX)
        return get_be64(b + 48) / 512 * 512;
    return sectors * 512;
}

static bool
read_fixed_footer(const struct image_source *src, uint8_t b[FOOTER])
{
    return src->size > FOOTER &&
           source_peek(src, b, FOOTER, src->size - FOOTER) && is_footer(b) &&
           get_be32(b + 60) == TYPE_FIXED &&
           disk_size(b) <= src->size - FOOTER &&
           get_be64(b + 48) == src->size - FOOTER;
}

static bool
probe(const struct image_source *src, const uint8_t head[IMAGE_HEAD])
{
    uint8_t b[FOOTER];

    return memcmp(head, "conectix", 8) == 0 || read_fixed_footer(src, b);
}

/* Every block that is used has to start inside the file. */
static int
check_blocks(struct image_source *src, uint64_t table, uint32_t entries,
    struct error *err)
{
    uint8_t b[4096];

    if (!source_holds(src, table, (uint64_t)entries * 4))
        return source_truncated(src, table, "the block table", err);
    for (uint64_t at = 0, end = (uint64_t)entries * 4; at < end;) {
        size_t n = end - at < sizeof b ? (size_t)(end - at) : sizeof b;

        if (!source_pay(src, n))
            break;
        if (source_read(src, b, n, table + at, "the block table", err) < 0)
            return -1;
        for (size_t i = 0; i < n; i += 4) {
            uint64_t offset = (uint64_t)get_be32(b + i) * 512;

            if (get_be32(b + i) != (uint32_t)UNUSED_BLOCK &&
                !source_holds(src, offset, 1))
                return source_truncated(src, offset, "data of the disk", err);
        }
        at += n;
    }
    return 0;
}

static int
read_dynamic(struct image_source *src, const uint8_t *footer,
    struct image_header *h, struct error *err)
{
    uint8_t b[DYNAMIC_HEADER], last[FOOTER];

    if (source_read(src, b, sizeof b, get_be64(footer + 16),
            "the dynamic header", err) < 0)
        return -1;
    if (memcmp(b, "cxsparse", 8) != 0 ||
        !checksum_good(checksum(b, sizeof b, 36), get_be32(b + 36)))
        return error_set(err, EINVAL, "corrupt: bad dynamic vpc header");

    uint32_t block = get_be32(b + 32), entries = get_be32(b + 28);
    if (block < 512 || (block & (block - 1)) != 0 || block > 1u << 30)
        return error_set(err, EINVAL, "corrupt: vpc blocks of %u bytes", block);
    h->cluster_size = block;
    if (h->size / block + (h->size % block != 0) > entries)
        return error_set(
            err, EINVAL, "corrupt: the block table is too small for the disk");
    if (check_blocks(src, get_be64(b + 16), entries, err) < 0)
        return -1;
    if (!source_peek(src, last, sizeof last, src->size - FOOTER))
        return error_errno(err, errno, "cannot read");
    if (memcmp(last, "conectix", 8) != 0)
        return error_set(
            err, EINVAL, "truncated: no footer at the end of the file");
    return 0;
}

static int
read_header(struct image_source *src, struct image_header *h, struct error *err)
{
    uint8_t b[FOOTER];

    if (read_fixed_footer(src, b)) {
        h->variant = "fixed";
        h->size = disk_size(b);
        return 0;
    }
    if (source_read(src, b, sizeof b, 0, "the end of the header", err) < 0)
        return -1;
    if (!is_footer(b))
        return error_set(err, EINVAL, "corrupt: bad checksum of the header");
    h->size = disk_size(b);
    switch (get_be32(b + 60)) {
    case TYPE_FIXED:
        return source_truncated(src, get_be64(b + 48), "the footer", err);
    case TYPE_DYNAMIC:
        h->variant = "dynamic";
        return read_dynamic(src, b, h, err);
    case TYPE_DIFFERENCING:
        return error_set(err, ENOTSUP,
            "vpc that needs a parent image; merge it into the parent first");
    default:
        return error_set(
            err, ENOTSUP, "vpc of unknown type %u", get_be32(b + 60));
    }
}

const struct image_kind image_vpc = {
    .name = "vpc",
    .format = IMAGE_VPC,
    .probe = probe,
    .read = read_header,
};
