/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Virtual PC images (.vhd), after Microsoft's "Virtual Hard Disk Image Format
 * Specification"; numbers big-endian.
 *
 * A dynamic image starts with a copy of the footer, a fixed one has only the
 * footer, after the raw data; it is believed only if every field fits. */
#include <config.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/cleanup.h"
#include "base/vhd.h"
#include "lib/disk/format.h"

enum { UNUSED_BLOCK = -1 };

/* QEMU's versions differ in which makers' disks they size by geometry, and know
 * only some of those that mean bytes: for these all agree. */
static const char sized_alike[][5] = {
    "win ", "qem2", "d2v ", "tap\0", "CTXS", "vpc ", "vs  ", "qemu"};

static bool
read_fixed_footer(const struct image_source *src, struct vhd_footer *ret)
{
    uint8_t b[VHD_FOOTER];

    return src->size > VHD_FOOTER &&
           source_peek(src, b, VHD_FOOTER, src->size - VHD_FOOTER) &&
           vhd_read_footer(b, ret) && ret->kind == VHD_FIXED && ret->size > 0 &&
           ret->stored == src->size - VHD_FOOTER;
}

/* The size that every QEMU finds in that footer is ours. */
static bool
qemu_agrees(const uint8_t b[VHD_FOOTER], uint64_t size)
{
    uint64_t sectors = vhd_geometry(b);

    for (size_t i = 0; i < N_ELEMENTS(sized_alike); i++)
        if (memcmp(b + 28, sized_alike[i], 4) == 0)
            return true;
    return sectors == VHD_GEOMETRY_MAX || sectors * VHD_SECTOR == size;
}

/* QEMU gets the first sector as Windows would have written it, with which it
 * finds the right size. */
static int
replace_footer(const struct image_source *src, const uint8_t b[VHD_FOOTER],
    struct image_header *h, struct error *err)
{
    uint32_t sum = 0;

    if (!(h->head = malloc(VHD_FOOTER)))
        return error_no_memory(err);
    memcpy(h->head, b, VHD_FOOTER);
    memcpy(h->head + 28, "win ", 4);
    memset(h->head + 64, 0, 4);
    for (size_t i = 0; i < VHD_FOOTER; i++)
        sum += h->head[i];
    put_be32(h->head + 64, ~sum);
    h->head_size = VHD_FOOTER;
    h->file_size = src->size;
    h->write_refused = "QEMU finds another size in the footer than its maker "
                       "wrote, so this vpc can only be read";
    return 0;
}

static bool
probe(const struct image_source *src, const uint8_t head[IMAGE_HEAD])
{
    struct vhd_footer footer;

    return vhd_looks_like(head) || read_fixed_footer(src, &footer);
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
read_dynamic(struct image_source *src, uint64_t at, struct image_header *h,
    struct error *err)
{
    uint8_t b[VHD_HEADER], last[VHD_FOOTER];
    struct vhd_header header;

    if (source_read(src, b, sizeof b, at, "the dynamic header", err) < 0)
        return -1;
    if (!vhd_read_header(b, &header))
        return error_set(err, EINVAL, "corrupt: bad dynamic vpc header");

    uint32_t block = header.block_size, entries = header.n_blocks;
    if (block < 512 || (block & (block - 1)) != 0 || block > 1u << 30)
        return error_set(err, EINVAL, "corrupt: vpc blocks of %u bytes", block);
    h->cluster_size = block;
    if (h->size / block + (h->size % block != 0) > entries)
        return error_set(
            err, EINVAL, "corrupt: the block table is too small for the disk");
    if (check_blocks(src, header.table, entries, err) < 0)
        return -1;
    if (!source_peek(src, last, sizeof last, src->size - VHD_FOOTER))
        return error_errno(err, errno, "cannot read");
    if (!vhd_looks_like(last))
        return error_set(
            err, EINVAL, "truncated: no footer at the end of the file");
    return 0;
}

static int
read_header(struct image_source *src, struct image_header *h, struct error *err)
{
    uint8_t b[VHD_FOOTER];
    struct vhd_footer footer;

    if (read_fixed_footer(src, &footer)) {
        h->variant = "fixed";
        h->size = footer.size;
        h->plain = true;
        return 0;
    }
    if (source_read(src, b, sizeof b, 0, "the end of the header", err) < 0)
        return -1;
    if (!vhd_read_footer(b, &footer))
        return error_set(err, EINVAL, "corrupt: bad checksum of the header");
    h->size = footer.size;
    switch (footer.kind) {
    case VHD_FIXED:
        return source_truncated(src, footer.stored, "the footer", err);
    case VHD_DYNAMIC:
        h->variant = "dynamic";
        if (read_dynamic(src, footer.header, h, err) < 0)
            return -1;
        return qemu_agrees(b, h->size) ? 0 : replace_footer(src, b, h, err);
    case VHD_DIFFERENCING:
        return error_set(err, ENOTSUP,
            "vpc that needs a parent image; merge it into the parent first");
    default:
        return error_set(err, ENOTSUP, "vpc of unknown type %u", footer.kind);
    }
}

const struct image_kind image_vpc = {
    .name = "vpc",
    .format = IMAGE_VPC,
    .probe = probe,
    .read = read_header,
};
