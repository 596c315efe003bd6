/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Hyper-V images, after Microsoft's [MS-VHDX]; numbers little-endian.
 *
 *     0       "vhdxfile"
 *     64 KiB  header 1, 128 KiB header 2: the valid one with the higher
 *             sequence number counts; a log GUID in it means that changes
 *             wait in the log
 *     192 KiB region table, 256 KiB its copy: where the block table and the
 *             metadata are
 */
#include <config.h>

#include <errno.h>
#include <string.h>

#include "base/bytes.h"
#include "base/cleanup.h"
#include "lib/disk/format.h"

enum {
    KIB = 1024,
    MIB = 1 << 20,
    HEADER_LENGTH = 4096,
    REGION_TABLE_LENGTH = 64 * KIB,
    REGIONS_MAX = 2047,
    METADATA_ENTRIES_MAX = 2047,
    HAS_PARENT = 1 << 1,
    STATE_MASK = 7,
    STATE_FULL = 6,
};

static const uint8_t BLOCK_TABLE[16] = {0x66, 0x77, 0xc2, 0x2d, 0x23, 0xf6,
    0x00, 0x42, 0x9d, 0x64, 0x11, 0x5e, 0x9b, 0xfd, 0x4a, 0x08};
static const uint8_t METADATA[16] = {0x06, 0xa2, 0x7c, 0x8b, 0x90, 0x47, 0x9a,
    0x4b, 0xb8, 0xfe, 0x57, 0x5f, 0x05, 0x0f, 0x88, 0x6e};
static const uint8_t FILE_PARAMETERS[16] = {0x37, 0x67, 0xa1, 0xca, 0x36, 0xfa,
    0x43, 0x4d, 0xb3, 0xb6, 0x33, 0xf0, 0xaa, 0x44, 0xe7, 0x6b};
static const uint8_t DISK_SIZE[16] = {0x24, 0x42, 0xa5, 0x2f, 0x1b, 0xcd, 0x76,
    0x48, 0xb2, 0x11, 0x5d, 0xbe, 0xd8, 0x3b, 0xf4, 0xb8};
static const uint8_t SECTOR_SIZE[16] = {0x1d, 0xbf, 0x41, 0x81, 0x6f, 0xa9,
    0x09, 0x47, 0xba, 0x47, 0xf2, 0x33, 0xa8, 0xfa, 0xab, 0x5f};

struct region {
    uint64_t offset;
    uint32_t length;
    bool found;
};

static bool
probe(const struct image_source *src, const uint8_t head[IMAGE_HEAD])
{
    (void)src;
    return memcmp(head, "vhdxfile", 8) == 0;
}

/* CRC-32C with the four bytes of the checksum itself, at 4, taken as zero. */
static uint32_t
crc32c(const uint8_t *p, size_t n)
{
    uint32_t crc = UINT32_MAX;

    for (size_t i = 0; i < n; i++) {
        crc ^= i >= 4 && i < 8 ? 0 : p[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78u : 0);
    }
    return ~crc;
}

static int
corrupt(struct error *err, const char *what)
{
    return error_set(err, EINVAL, "corrupt: %s", what);
}

/* The current header: does the log hold changes? */
static int
read_headers(const struct image_source *src, bool *ret_log, struct error *err)
{
    uint64_t sequence = 0;
    bool found = false;

    for (int i = 1; i <= 2; i++) {
        uint8_t b[HEADER_LENGTH];
        uint8_t none[16] = {0};

        if (source_read(
                src, b, sizeof b, (uint64_t)i * 64 * KIB, "a header", err) < 0)
            return -1;
        if (memcmp(b, "head", 4) != 0 ||
            !checksum_good(crc32c(b, sizeof b), get_le32(b + 4)))
            continue;
        if (found && get_le64(b + 8) < sequence)
            continue;
        found = true;
        sequence = get_le64(b + 8);
        *ret_log = memcmp(b + 48, none, 16) != 0;
        if (get_le16(b + 66) != 1)
            return error_set(
                err, ENOTSUP, "vhdx of unknown version %u", get_le16(b + 66));
    }
    return found ? 0 : corrupt(err, "neither vhdx header is valid");
}

static int
read_regions(const struct image_source *src, struct region *table,
    struct region *metadata, struct error *err)
{
    cleanup_free uint8_t *b = malloc(REGION_TABLE_LENGTH);
    bool valid = false;

    if (!b)
        return error_no_memory(err);
    for (int i = 3; i <= 4 && !valid; i++) {
        if (source_read(src, b, REGION_TABLE_LENGTH, (uint64_t)i * 64 * KIB,
                "a region table", err) < 0)
            return -1;
        valid = memcmp(b, "regi", 4) == 0 &&
                checksum_good(crc32c(b, REGION_TABLE_LENGTH), get_le32(b + 4));
    }
    if (!valid || get_le32(b + 8) > REGIONS_MAX)
        return corrupt(err, "no valid vhdx region table");
    for (uint32_t i = 0; i < get_le32(b + 8); i++) {
        const uint8_t *e = b + 16 + (size_t)i * 32;
        struct region *r = NULL;

        if (memcmp(e, BLOCK_TABLE, 16) == 0)
            r = table;
        else if (memcmp(e, METADATA, 16) == 0)
            r = metadata;
        else if (get_le32(e + 28) & 1)
            return error_set(err, ENOTSUP, "vhdx with unknown regions");
        if (r && r->found)
            return corrupt(err, "a vhdx region occurs twice");
        if (r)
            *r = (struct region){get_le64(e + 16), get_le32(e + 24), true};
    }
    if (!table->found || !metadata->found)
        return corrupt(err, "a vhdx region is missing");
    if (!source_holds(src, metadata->offset, metadata->length))
        return source_truncated(src, metadata->offset, "the metadata", err);
    if (!source_holds(src, table->offset, table->length))
        return source_truncated(src, table->offset, "the block table", err);
    return 0;
}

/* One item of the metadata, of at least N bytes. */
static int
read_item(const struct image_source *src, const struct region *metadata,
    const uint8_t guid[16], uint8_t *data, size_t n, struct error *err)
{
    uint8_t b[32];

    if (metadata->length < 64 * KIB)
        return corrupt(err, "the vhdx metadata are too short");
    if (source_read(src, b, sizeof b, metadata->offset, "the metadata", err) <
        0)
        return -1;

    unsigned entries = get_le16(b + 10);
    if (memcmp(b, "metadata", 8) != 0 || entries > METADATA_ENTRIES_MAX)
        return corrupt(err, "bad vhdx metadata");
    for (uint64_t i = 0; i < entries; i++) {
        if (source_read(src, b, sizeof b, metadata->offset + 32 + 32 * i,
                "the metadata", err) < 0)
            return -1;
        if (memcmp(b, guid, 16) != 0)
            continue;
        uint32_t offset = get_le32(b + 16), length = get_le32(b + 20);
        if (length < n || offset < 64 * KIB || offset > metadata->length ||
            length > metadata->length - offset)
            return corrupt(err, "bad vhdx metadata item");
        return source_read(
            src, data, n, metadata->offset + offset, "the metadata", err);
    }
    return corrupt(err, "a vhdx metadata item is missing");
}

static int
check_blocks(
    struct image_source *src, const struct region *table, struct error *err)
{
    uint8_t b[4096];

    for (uint64_t at = 0; at < table->length; at += sizeof b) {
        if (!source_pay(src, sizeof b))
            break;
        if (!source_peek(src, b, sizeof b, table->offset + at))
            return error_errno(err, errno, "cannot read");
        for (size_t i = 0; i < sizeof b && at + i < table->length; i += 8) {
            uint64_t entry = get_le64(b + i);
            uint64_t offset = (entry >> 20) * MIB;

            if ((entry & STATE_MASK) >= STATE_FULL &&
                !source_holds(src, offset, 1))
                return source_truncated(src, offset, "data of the disk", err);
        }
    }
    return 0;
}

static int
read_header(struct image_source *src, struct image_header *h, struct error *err)
{
    struct region table = {0}, metadata = {0};
    uint8_t parameters[8], size[8], sector[4];
    bool log = false;

    if (read_headers(src, &log, err) < 0 ||
        read_regions(src, &table, &metadata, err) < 0 ||
        read_item(src, &metadata, FILE_PARAMETERS, parameters,
            sizeof parameters, err) < 0 ||
        read_item(src, &metadata, DISK_SIZE, size, sizeof size, err) < 0 ||
        read_item(src, &metadata, SECTOR_SIZE, sector, sizeof sector, err) < 0)
        return -1;
    h->cluster_size = get_le32(parameters);
    h->size = get_le64(size);
    if (get_le32(parameters + 4) & HAS_PARENT)
        return error_set(err, ENOTSUP,
            "vhdx that needs a parent image; merge it into the parent first");
    if (log)
        h->read_only_refused = "not closed cleanly, and its log can be "
                               "replayed only by writing; run qemu-img "
                               "check -r all, or add it for writing";
    if (get_le32(sector) == 4096)
        return error_set(err, ENOTSUP,
            "vhdx with sectors of 4096 bytes, which QEMU cannot read; attach "
            "it "
            "under Windows, copy the disk to a raw image, and give that");
    if (get_le32(sector) != 512)
        return corrupt(err, "bad vhdx sector size");
    if (h->cluster_size < MIB || h->cluster_size > 256 * MIB ||
        (h->cluster_size & (h->cluster_size - 1)) != 0)
        return corrupt(err, "bad vhdx block size");
    return check_blocks(src, &table, err);
}

const struct image_kind image_vhdx = {
    .name = "vhdx",
    .format = IMAGE_VHDX,
    .probe = probe,
    .read = read_header,
};
