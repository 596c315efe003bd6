/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One partition table, opened by libfdisk. */
#pragma once
#include <libfdisk/libfdisk.h>
#include <stdbool.h>
#include <stdint.h>

#include "appliance/agent/call/memory.h"

struct call;

struct table {
    struct call *call;
    const char *device;
    struct fdisk_context *context;
    char *warnings; /* what libfdisk had to say, for the error */
    bool gpt, dos;
    struct list busy; /* numbers of the partitions in use, if writable */
    uint64_t sectors;
    uint32_t sector_size;
};

enum table_need {
    TABLE_ANY,  /* there may be none yet */
    TABLE_SOME, /* one must be there */
    TABLE_GPT,
    TABLE_DOS,
};

/* PARTNUM counts from 1, as everywhere in the calls. */

/* NULL (call failed) if the device cannot be opened or has not what is
 * needed. */
struct table *table_open(
    struct call *c, const char *device, bool writable, enum table_need need);

/* Places are taken as the caller says them, from the first sector that the
 * format allows; libfdisk would rather align.  To be repeated when a new
 * label was made. */
void table_exact(struct table *t);

/* Write it, close it, and let the kernel see the same partitions. */
int table_write(struct table *t);
void table_close(struct table *t);

/* table_kernel.c: let the kernel have these partitions and no others. */
int table_update_kernel(struct table *t, const struct list *extents);

/* A copy of the entry, in use; NULL (call failed) if there is none.  To be
 * freed by fdisk_unref_partition. */
struct fdisk_partition *table_partition(struct table *t, int partnum);

struct extent {
    int number;
    uint64_t start, end; /* sectors, both within */
    bool extended;       /* the container of the logical ones */
};

/* The partitions in the order of the disk, the container before its
 * content. */
int table_extents(struct table *t, struct list *ret);

/* The extent of one; the call fails if there is none. */
int table_extent(struct table *t, int partnum, struct extent *ret);

/* Fail with EBUSY if the kernel used it when the table was opened for writing
 * (mounted, swap, volume); PARTNUM 0: any of them. */
int table_check_unused(struct table *t, int partnum);

/* libfdisk failed with CODE (negative errno). */
int table_fail(struct table *t, int code, const char *what);

/* A sector number of the caller, counted from the end if it is negative; it
 * must be on the disk. */
int table_sector(struct table *t, int64_t sector, uint64_t *ret);

/* Move the end of a partition to sector END. */
int table_set_end(struct table *t, int partnum, uint64_t end);
