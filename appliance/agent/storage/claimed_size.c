/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libblkid of the oldest systems that we build on does not give the size of a
 * file system, which says that a disk was cut off. */
#include <config.h>

#include "appliance/agent/storage/claimed_size.h"

#include <endian.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/strv.h"

enum { HEAD = 4096, BTRFS_AT = 64 << 10 };

static uint32_t
le32(const unsigned char *p)
{
    uint32_t v;

    memcpy(&v, p, sizeof v);
    return le32toh(v);
}

static uint64_t
le64(const unsigned char *p)
{
    return le32(p) | (uint64_t)le32(p + 4) << 32;
}

/* As numbers of an unknown disk they may be anything. */
static uint64_t
product(uint64_t a, uint64_t b)
{
    uint64_t r;

    return __builtin_mul_overflow(a, b, &r) ? 0 : r;
}

static uint64_t
ext_size(const unsigned char *p)
{
    enum { SUPERBLOCK = 1024, BITS_64 = 0x80 };
    const unsigned char *s = p + SUPERBLOCK;
    uint64_t blocks = le32(s + 4);

    if (le32(s + 0x18) > 6)
        return 0;
    if (le32(s + 0x60) & BITS_64)
        blocks |= (uint64_t)le32(s + 0x150) << 32;
    return product(blocks, 1024ULL << le32(s + 0x18));
}

static uint64_t
xfs_size(const unsigned char *p)
{
    uint32_t block;
    uint64_t blocks;

    memcpy(&block, p + 4, sizeof block);
    memcpy(&blocks, p + 8, sizeof blocks);
    return product(be64toh(blocks), be32toh(block));
}

static uint64_t
ntfs_size(const unsigned char *p)
{
    return product(le64(p + 0x28), (uint64_t)(p[0x0b] | p[0x0c] << 8));
}

/* dev_item.total_bytes: of this device alone. */
static uint64_t
btrfs_size(const unsigned char *p)
{
    return le64(p + 0xc9 + 8);
}

static const struct {
    const char *type;
    off_t at;
    uint64_t (*size)(const unsigned char *p);
} types[] = {
    {"ext2", 0, ext_size},
    {"ext3", 0, ext_size},
    {"ext4", 0, ext_size},
    {"xfs", 0, xfs_size},
    {"ntfs", 0, ntfs_size},
    {"btrfs", BTRFS_AT, btrfs_size},
};

uint64_t
filesystem_claimed_size(const char *device, const char *type)
{
    unsigned char head[HEAD];

    for (size_t i = 0; i < N_ELEMENTS(types); i++) {
        if (!str_equal(types[i].type, type))
            continue;
        cleanup_close int fd = open(device, O_RDONLY | O_CLOEXEC);
        if (fd >= 0 && pread(fd, head, sizeof head, types[i].at) == HEAD)
            return types[i].size(head);
        return 0;
    }
    return 0;
}
