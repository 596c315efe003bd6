/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Small valid images of each format, made in memory byte by byte from the
 * formats' descriptions, for tests to damage. */
#pragma once
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/disk/header.h"

struct bytes {
    uint8_t *p;
    size_t n;
};

static inline void
put_be(uint8_t *p, uint64_t v, int n)
{
    while (n-- > 0) {
        p[n] = (uint8_t)v;
        v >>= 8;
    }
}

static inline void
put_le(uint8_t *p, uint64_t v, int n)
{
    for (int i = 0; i < n; i++, v >>= 8)
        p[i] = (uint8_t)v;
}

static inline struct bytes
bytes_new(size_t n)
{
    struct bytes b = {calloc(1, n), n};

    if (!b.p)
        abort();
    return b;
}

static inline int
bytes_pread(void *opaque, void *data, size_t n, uint64_t offset)
{
    memcpy(data, ((struct bytes *)opaque)->p + offset, n);
    return 0;
}

static inline struct image_source
bytes_source(struct bytes *b)
{
    return (struct image_source){
        .size = b->n,
        .pread = bytes_pread,
        .opaque = b,
        .budget = 1 << 20,
    };
}

/* 512-byte clusters: header, L1, L2, data, refcount table, refcount block. */
static inline struct bytes
make_qcow2(void)
{
    struct bytes b = bytes_new(6 * 512);
    uint8_t *p = b.p;

    memcpy(p, "QFI\xfb", 4);
    put_be(p + 4, 3, 4);
    put_be(p + 20, 9, 4);       /* cluster bits */
    put_be(p + 24, 32768, 8);   /* size: one L2 table */
    put_be(p + 36, 1, 4);       /* L1 entries */
    put_be(p + 40, 512, 8);     /* L1 */
    put_be(p + 48, 4 * 512, 8); /* refcount table */
    put_be(p + 56, 1, 4);
    put_be(p + 96, 4, 4);    /* refcount order */
    put_be(p + 100, 104, 4); /* header length */
    put_be(p + 512, 1024 | (uint64_t)1 << 63, 8);
    put_be(p + 1024, 1536 | (uint64_t)1 << 63, 8);
    memset(p + 1536, 'd', 512);
    put_be(p + 2048, 2560, 8);
    for (int i = 0; i < 6; i++)
        put_be(p + 2560 + 2 * i, 1, 2);
    return b;
}

/* One grain table of 512 grains of 64 KiB; the first grain is there. */
static inline struct bytes
make_vmdk(void)
{
    struct bytes b = bytes_new((16 << 10) + (64 << 10));
    uint8_t *p = b.p;

    memcpy(p, "KDMV", 4);
    put_le(p + 4, 1, 4);
    put_le(p + 8, 3, 4);
    put_le(p + 12, 65536, 8); /* 32 MiB in sectors */
    put_le(p + 20, 128, 8);   /* grain */
    put_le(p + 28, 1, 8);     /* descriptor */
    put_le(p + 36, 2, 8);
    put_le(p + 44, 512, 4);
    put_le(p + 56, 4, 8); /* directory */
    put_le(p + 64, 32, 8);
    memcpy(p + 73, "\n \r\n", 4);
    strcpy((char *)p + 512,
        "# Disk DescriptorFile\nversion=1\nCID=12345678\n"
        "parentCID=ffffffff\ncreateType=\"monolithicSparse\"\n"
        "RW 65536 SPARSE \"x.vmdk\"\n");
    put_le(p + 4 * 512, 5, 4);  /* the table */
    put_le(p + 5 * 512, 32, 4); /* the grain */
    return b;
}

/* A VMFSSPARSE extent of 8192 sectors, each a grain of its own: header,
 * directory of two tables, of which the first is there, and one grain. */
static inline struct bytes
make_cowd(void)
{
    struct bytes b = bytes_new((5 + 32 + 1) * 512);
    uint8_t *p = b.p;

    memcpy(p, "COWD", 4);
    put_le(p + 4, 1, 4);
    put_le(p + 8, 3, 4);
    put_le(p + 12, 8192, 4); /* sectors of the disk */
    put_le(p + 16, 1, 4);    /* of a grain */
    put_le(p + 20, 4, 4);    /* directory */
    put_le(p + 24, 2, 4);    /* its tables */
    put_le(p + 4 * 512, 5, 4);
    put_le(p + 5 * 512, 37, 4);
    return b;
}

/* A SESPARSE extent of 32 MiB: header, volatile header, directory of one table,
 * that table, and one grain. */
static inline struct bytes
make_sesparse(void)
{
    struct bytes b = bytes_new((3 + 64 + 8) * 512);
    uint8_t *p = b.p;

    put_le(p, 0xcafebabe, 8);
    put_le(p + 8, 0x200000001, 8);
    put_le(p + 16, 65536 / 2, 8); /* sectors of the disk */
    put_le(p + 24, 8, 8);         /* of a grain */
    put_le(p + 32, 64, 8);        /* of a table */
    put_le(p + 80, 1, 8);         /* volatile header */
    put_le(p + 88, 1, 8);
    put_le(p + 128, 2, 8); /* directory */
    put_le(p + 136, 1, 8);
    put_le(p + 144, 3, 8); /* tables */
    put_le(p + 152, 64, 8);
    put_le(p + 192, 67, 8); /* grains */
    put_le(p + 200, 8, 8);
    put_le(p + 512, 0xcafecafe, 8);
    put_le(p + 2 * 512, (uint64_t)1 << 60, 8);
    put_le(p + 3 * 512, (uint64_t)3 << 60, 8);
    return b;
}

/* Two blocks of 1 MiB, one of them there. */
static inline struct bytes
make_vdi(void)
{
    struct bytes b = bytes_new(1024 + (1 << 20));
    uint8_t *p = b.p;

    strcpy((char *)p, "<<< QEMU VM Virtual Disk Image >>>\n");
    put_le(p + 64, 0xbeda107f, 4);
    put_le(p + 68, 0x00010001, 4);
    put_le(p + 72, 0x180, 4);
    put_le(p + 76, 1, 4);
    put_le(p + 340, 512, 4);
    put_le(p + 344, 1024, 4);
    put_le(p + 360, 512, 4);
    put_le(p + 368, 2 << 20, 8);
    put_le(p + 376, 1 << 20, 4);
    put_le(p + 384, 2, 4);
    put_le(p + 388, 1, 4);
    put_le(p + 512, 0, 4);
    put_le(p + 516, 0xffffffff, 4);
    return b;
}

static inline void
vpc_checksum(uint8_t *p, size_t n, size_t field)
{
    uint32_t sum = 0;

    memset(p + field, 0, 4);
    for (size_t i = 0; i < n; i++)
        sum += p[i];
    put_be(p + field, (uint32_t)~sum, 4);
}

static inline void
vpc_footer(uint8_t *p, unsigned type, uint64_t size, uint64_t data_offset)
{
    memcpy(p, "conectix", 8);
    put_be(p + 8, 2, 4);
    put_be(p + 12, 0x10000, 4);
    put_be(p + 16, data_offset, 8);
    memcpy(p + 28, "qem2", 4);
    put_be(p + 40, size, 8);
    put_be(p + 48, size, 8);
    put_be(p + 56, 60, 2);
    p[58] = 4;
    p[59] = 17;
    put_be(p + 60, type, 4);
    vpc_checksum(p, 512, 64);
}

static inline struct bytes
make_vpc_fixed(void)
{
    struct bytes b = bytes_new((1 << 20) + 512);

    vpc_footer(b.p + (1 << 20), 2, 1 << 20, UINT64_MAX);
    return b;
}

/* Two blocks of 4 KiB, the first there: footer copy, header, table at 1536,
 * block (bitmap and data) at 2048, footer. */
static inline struct bytes
make_vpc_dynamic(void)
{
    struct bytes b = bytes_new(2048 + 512 + 4096 + 512);
    uint8_t *p = b.p;

    vpc_footer(p, 3, 8192, 512);
    memcpy(p + 512, "cxsparse", 8);
    put_be(p + 520, UINT64_MAX, 8);
    put_be(p + 528, 1536, 8);
    put_be(p + 536, 0x10000, 4);
    put_be(p + 540, 2, 4);
    put_be(p + 544, 4096, 4);
    vpc_checksum(p + 512, 1024, 36);
    /* The table lies in the last third of the header's 1024 bytes. */
    put_be(p + 1536, 4, 4);
    put_be(p + 1540, 0xffffffff, 4);
    vpc_footer(p + b.n - 512, 3, 8192, 512);
    return b;
}

static inline void
vhdx_checksum(uint8_t *p, size_t n)
{
    uint32_t crc = UINT32_MAX;

    memset(p + 4, 0, 4);
    for (size_t i = 0; i < n; i++) {
        crc ^= p[i];
        for (int k = 0; k < 8; k++)
            crc = crc & 1 ? crc >> 1 ^ 0x82f63b78 : crc >> 1;
    }
    put_le(p + 4, ~crc, 4);
}

/* Metadata at 1 MiB, block table at 2 MiB, one block of 1 MiB at 3 MiB. */
static inline struct bytes
make_vhdx(void)
{
    static const char guids[][17] = {
        "\x66\x77\xc2\x2d\x23\xf6\x00\x42\x9d\x64\x11\x5e\x9b\xfd\x4a\x08",
        "\x06\xa2\x7c\x8b\x90\x47\x9a\x4b\xb8\xfe\x57\x5f\x05\x0f\x88\x6e",
        "\x37\x67\xa1\xca\x36\xfa\x43\x4d\xb3\xb6\x33\xf0\xaa\x44\xe7\x6b",
        "\x24\x42\xa5\x2f\x1b\xcd\x76\x48\xb2\x11\x5d\xbe\xd8\x3b\xf4\xb8",
        "\x1d\xbf\x41\x81\x6f\xa9\x09\x47\xba\x47\xf2\x33\xa8\xfa\xab\x5f",
    };
    enum { KIB = 1024, MIB = 1 << 20 };
    struct bytes b = bytes_new(4 * MIB);
    uint8_t *p = b.p;

    memcpy(p, "vhdxfile", 8);
    for (int i = 1; i <= 2; i++) {
        uint8_t *h = p + (size_t)i * 64 * KIB;

        memcpy(h, "head", 4);
        put_le(h + 8, (uint64_t)i, 8);
        put_le(h + 66, 1, 2);
        vhdx_checksum(h, 4096);
    }
    for (int i = 3; i <= 4; i++) {
        uint8_t *r = p + (size_t)i * 64 * KIB;

        memcpy(r, "regi", 4);
        put_le(r + 8, 2, 4);
        memcpy(r + 16, guids[0], 16);
        put_le(r + 32, 2 * MIB, 8);
        put_le(r + 40, MIB, 4);
        put_le(r + 44, 1, 4);
        memcpy(r + 48, guids[1], 16);
        put_le(r + 64, MIB, 8);
        put_le(r + 72, MIB, 4);
        put_le(r + 76, 1, 4);
        vhdx_checksum(r, 64 * KIB);
    }
    uint8_t *m = p + MIB;
    memcpy(m, "metadata", 8);
    put_le(m + 10, 3, 2);
    for (int i = 0; i < 3; i++) {
        uint8_t *e = m + 32 + 32 * i;

        memcpy(e, guids[2 + i], 16);
        put_le(e + 16, (uint64_t)(64 * KIB + 8 * i), 4);
        put_le(e + 20, i == 2 ? 4 : 8, 4);
    }
    put_le(m + 64 * KIB, MIB, 4);
    put_le(m + 64 * KIB + 8, MIB, 8);
    put_le(m + 64 * KIB + 16, 512, 4);
    put_le(p + 2 * MIB, 3 * MIB | 6, 8);
    return b;
}
