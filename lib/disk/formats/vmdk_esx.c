/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Numbers little-endian, places in sectors.
 *
 *     VMFSSPARSE  header, directory of 32-bit places of tables with 4096
 *                 32-bit places of grains (0: not here)
 *     SESPARSE    header, volatile header, directory and tables of 64 bits,
 *                 whose highest digit says what the rest is; the rest counts
 *                 tables from their start, and grains from theirs
 *
 * There is no specification of the second; this follows QEMU's reader. */
#include <config.h>

#include "lib/disk/formats/vmdk_esx.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/bytes.h"
#include "base/zeroes.h"

enum {
    SECTOR = 512,
    TABLES_MAX = 512 << 20,
    COWD_HEADER = 32,
    COWD_ENTRIES = 4096,
    SE_HEADER = SECTOR,
    SE_FIELDS_END = 208,
    SE_GRAIN = 8,
    SE_TABLE = 64,
    SE_ENTRIES = SE_TABLE * SECTOR / 8,
    PIECE = 4096,
};

#define SE_MAGIC    UINT64_C(0xcafebabe)
#define SE_VOLATILE UINT64_C(0xcafecafe)
#define SE_VERSION  UINT64_C(0x0000000200000001)

/* The tables of one extent. */
struct tables {
    uint64_t directory, n;          /* bytes; entries */
    unsigned entry;                 /* bytes of each entry */
    uint64_t entries;               /* in a table */
    uint64_t tables, grains, grain; /* SESPARSE: bytes */
};

static int
corrupt(struct error *err, const char *what)
{
    return error_set(err, EINVAL, "corrupt: %s", what);
}

/* Where in the file an entry of the directory or of a table points: 0, not
 * here; -1, at nothing that is known. */
static int64_t
place_of(const struct tables *t, uint64_t entry, bool directory)
{
    uint64_t index;

    if (t->entry == 4)
        return (int64_t)entry * SECTOR;
    if (directory) {
        index = entry & UINT32_MAX;
        if (entry == 0)
            return 0;
        return entry >> 32 == UINT64_C(0x10000000)
                   ? (int64_t)(t->tables + index * SE_TABLE * SECTOR)
                   : -1;
    }
    /* 0 and 1: not here; 2: zeroes; 3: a grain. */
    if (entry >> 60 < 3)
        return 0;
    index = (entry >> 48 & 0xfff) | (entry & UINT64_C(0xffffffffffff)) << 12;
    if (entry >> 60 > 3 || index > IMAGE_SIZE_MAX / t->grain)
        return -1;
    return (int64_t)(t->grains + index * t->grain);
}

static int check_entries(struct image_source *src, const struct tables *t,
    uint64_t at, uint64_t n, bool directory, struct error *err);

static int
check_place(struct image_source *src, const struct tables *t, int64_t place,
    bool directory, struct error *err)
{
    if (place == 0)
        return 0;
    if (place < 0)
        return corrupt(err, directory ? "bad entry of the grain directory"
                                      : "bad entry of a grain table");
    if (directory)
        return check_entries(src, t, (uint64_t)place, t->entries, false, err);
    return source_holds(src, (uint64_t)place, 1)
               ? 0
               : source_truncated(
                     src, (uint64_t)place, "data of the disk", err);
}

static int
check_entries(struct image_source *src, const struct tables *t, uint64_t at,
    uint64_t n, bool directory, struct error *err)
{
    const char *what = directory ? "the grain directory" : "a grain table";
    uint8_t b[PIECE];
    uint64_t end = n * t->entry;

    if (!source_holds(src, at, end))
        return source_truncated(src, at, what, err);
    for (uint64_t done = 0; done < end;) {
        size_t size = end - done < PIECE ? (size_t)(end - done) : PIECE;

        if (!source_pay(src, size))
            return 0;
        if (source_read(src, b, size, at + done, what, err) < 0)
            return -1;
        for (size_t i = 0; i < size; i += t->entry) {
            uint64_t entry = t->entry == 4 ? get_le32(b + i) : get_le64(b + i);

            if (check_place(
                    src, t, place_of(t, entry, directory), directory, err) < 0)
                return -1;
        }
        done += size;
    }
    return 0;
}

/* CAPACITY in sectors; SIZE in bytes, of the extent. */
static int
check_size(uint64_t capacity, uint64_t size, struct error *err)
{
    if (capacity == 0 || capacity > IMAGE_SIZE_MAX / SECTOR)
        return corrupt(err, "bad size of the disk");
    if (capacity * SECTOR < size)
        return corrupt(err, "the extent is smaller than the descriptor says");
    return 0;
}

/* Do N tables with ENTRIES grains cover the disk? */
static int
check_directory_size(uint64_t n, uint64_t entries, uint64_t grain,
    uint64_t capacity, struct error *err)
{
    uint64_t covered = grain * entries;

    if (n > TABLES_MAX || n < capacity / covered + (capacity % covered != 0))
        return corrupt(err, "bad size of the grain directory");
    return 0;
}

int
vmdk_check_cowd(struct image_source *src, uint64_t size, struct error *err)
{
    uint8_t b[COWD_HEADER];

    if (source_read(src, b, sizeof b, 0, "the end of the header", err) < 0)
        return -1;
    if (memcmp(b, "COWD", 4) != 0)
        return error_set(err, EINVAL, "not a sparse extent of ESXi");
    if (get_le32(b + 4) != 1)
        return error_set(err, ENOTSUP, "sparse extent of unknown version %u",
            get_le32(b + 4));

    uint64_t capacity = get_le32(b + 12), grain = get_le32(b + 16);
    const struct tables t = {
        .directory = (uint64_t)get_le32(b + 20) * SECTOR,
        .n = get_le32(b + 24),
        .entry = 4,
        .entries = COWD_ENTRIES,
    };
    if (grain == 0 || grain > 128 << 10)
        return corrupt(err, "bad size of the grains");
    if (check_size(capacity, size, err) < 0 ||
        check_directory_size(t.n, t.entries, grain, capacity, err) < 0)
        return -1;
    return check_entries(src, &t, t.directory, t.n, true, err);
}

/* What waits in the journal is not in the tables yet. */
static int
check_volatile(
    const struct image_source *src, uint64_t sector, struct error *err)
{
    uint8_t b[32];

    if (sector > IMAGE_SIZE_MAX / SECTOR)
        return corrupt(err, "bad place of the volatile header");
    if (source_read(
            src, b, sizeof b, sector * SECTOR, "the volatile header", err) < 0)
        return -1;
    if (get_le64(b) != SE_VOLATILE)
        return corrupt(err, "bad volatile header");
    if (get_le64(b + 24))
        return error_set(err, ENOTSUP,
            "a snapshot of ESXi that was not closed cleanly; start and stop "
            "the machine there, or consolidate its snapshots");
    return 0;
}

int
vmdk_check_sesparse(struct image_source *src, uint64_t size, struct error *err)
{
    uint8_t b[SE_HEADER];

    if (source_read(src, b, sizeof b, 0, "the end of the header", err) < 0)
        return -1;
    if (get_le64(b) != SE_MAGIC)
        return error_set(err, EINVAL, "not a SESPARSE extent");
    if (get_le64(b + 8) != SE_VERSION)
        return error_set(err, ENOTSUP,
            "SESPARSE extent of unknown version %" PRIx64, get_le64(b + 8));
    if (get_le64(b + 24) != SE_GRAIN || get_le64(b + 32) != SE_TABLE)
        return error_set(
            err, ENOTSUP, "SESPARSE extent with grains of unknown size");
    /* Flags, and what is reserved. */
    if (!is_zeroes(b + 40, 40) ||
        !is_zeroes(b + SE_FIELDS_END, SE_HEADER - SE_FIELDS_END))
        return error_set(err, ENOTSUP, "SESPARSE extent with unknown flags");

    uint64_t directory = get_le64(b + 128), n = get_le64(b + 136),
             tables = get_le64(b + 144), grains = get_le64(b + 192),
             most = IMAGE_SIZE_MAX / SECTOR / 2;
    if (directory > most || n > TABLES_MAX || tables > most || grains > most)
        return corrupt(err, "bad place of the tables");
    if (check_volatile(src, get_le64(b + 80), err) < 0 ||
        check_size(get_le64(b + 16), size, err) < 0 ||
        check_directory_size(
            n * SECTOR / 8, SE_ENTRIES, SE_GRAIN, get_le64(b + 16), err) < 0)
        return -1;

    const struct tables t = {
        .directory = directory * SECTOR,
        .n = n * SECTOR / 8,
        .entry = 8,
        .entries = SE_ENTRIES,
        .tables = tables * SECTOR,
        .grains = grains * SECTOR,
        .grain = (uint64_t)SE_GRAIN * SECTOR,
    };
    return check_entries(src, &t, t.directory, t.n, true, err);
}
