/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The header and the footer of a VHD, after Microsoft's "Virtual Hard Disk
 * Image Format Specification"; numbers big-endian.  The library and the
 * conversion read the rest differently: the library passes an image to QEMU,
 * the conversion reads one that has parents, which QEMU does not. */
#pragma once
#include <stdbool.h>

#include "base/bytes.h"

enum { VHD_SECTOR = 512, VHD_FOOTER = 512, VHD_HEADER = 1024 };

enum vhd_kind {
    VHD_FIXED = 2,
    VHD_DYNAMIC = 3,
    VHD_DIFFERENCING = 4, /* what it does not have, its parent has */
};

struct vhd_footer {
    uint32_t kind;   /* of enum vhd_kind, or unknown */
    uint64_t header; /* where that is; not of VHD_FIXED */
    uint64_t stored; /* bytes for the disk: what it says, rounded or not */
    uint64_t size;   /* of the disk, as the guest saw it */
};

struct vhd_header {
    uint64_t table; /* where that is */
    uint32_t n_blocks, block_size;
};

/* Does it start as a footer does?  Only a fixed one has none at its start. */
static inline bool
vhd_looks_like(const void *head)
{
    return memcmp(head, "conectix", 8) == 0;
}

/* The complement of the sum of all bytes but the four at FIELD, which say it.
 */
static inline bool
vhd_sum_good(const uint8_t *p, size_t n, size_t field)
{
    uint32_t sum = 0;

    for (size_t i = 0; i < n; i++)
        if (i < field || i >= field + 4)
            sum += p[i];
    return checksum_good(~sum, get_be32(p + field));
}

/* The largest geometry: a larger disk has its size in bytes only. */
#define VHD_GEOMETRY_MAX ((uint64_t)65535 * 16 * 255)

/* Sectors, as cylinders * heads * sectors per track. */
static inline uint64_t
vhd_geometry(const uint8_t footer[VHD_FOOTER])
{
    return (uint64_t)get_be16(footer + 56) * footer[58] * footer[59];
}

/* The footer has the size in bytes, and a geometry that rounds it down.  Bytes
 * count, also where the maker of the file is not known.  Only Virtual PC,
 * Virtual Server and QEMU showed their guests the geometry. */
static inline uint64_t
vhd_disk_size(const uint8_t footer[VHD_FOOTER])
{
    static const char makers[][5] = {"vpc ", "vs  ", "qemu"};
    uint64_t bytes = get_be64(footer + 48) / VHD_SECTOR * VHD_SECTOR;
    uint64_t sectors = vhd_geometry(footer);
    bool rounds = false;

    for (size_t i = 0; i < sizeof makers / sizeof makers[0]; i++)
        rounds |= memcmp(footer + 28, makers[i], 4) == 0;
    return rounds && sectors > 0 && sectors < VHD_GEOMETRY_MAX &&
                   sectors <= bytes / VHD_SECTOR
               ? sectors * VHD_SECTOR
               : bytes;
}

/* False: it is none. */
static inline bool
vhd_read_footer(const uint8_t p[VHD_FOOTER], struct vhd_footer *ret)
{
    if (!vhd_looks_like(p) || !vhd_sum_good(p, VHD_FOOTER, 64))
        return false;
    *ret = (struct vhd_footer){
        .kind = get_be32(p + 60),
        .header = get_be64(p + 16),
        .stored = get_be64(p + 48),
        .size = vhd_disk_size(p),
    };
    return true;
}

static inline bool
vhd_read_header(const uint8_t p[VHD_HEADER], struct vhd_header *ret)
{
    if (memcmp(p, "cxsparse", 8) != 0 || !vhd_sum_good(p, VHD_HEADER, 36))
        return false;
    *ret = (struct vhd_header){
        .table = get_be64(p + 16),
        .n_blocks = get_be32(p + 28),
        .block_size = get_be32(p + 32),
    };
    return true;
}
