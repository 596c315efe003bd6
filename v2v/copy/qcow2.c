/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See QEMU's docs/interop/qcow2.txt; all numbers are big-endian.
 *
 *     header | data ... | tables of level 2 ... | table of level 1
 *            | blocks of reference counts ... | their table
 *
 * No cluster is ever freed, so each has one reference.  QEMU would write the
 * same, but every byte would go through a socket. */
#include <config.h>

#include "v2v/copy/qcow2.h"

#include <endian.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "v2v/copy/digests.h"

enum {
    CLUSTER = BLOCK_SIZE,
    CLUSTER_BITS = 16,
    L2_ENTRIES = CLUSTER / 8,
    COUNT_BITS_LOG2 = 4, /* counts of 16 bits */
    COUNTS = CLUSTER / 2,
    HEADER_LENGTH = 104,
};

static const uint64_t only_one = (uint64_t)1 << 63; /* reference to it */

static uint64_t
clusters(uint64_t bytes)
{
    return bytes / CLUSTER + (bytes % CLUSTER != 0);
}

int
qcow2_open(struct qcow2 *ret, uint64_t size, struct error *err)
{
    size_t n = clusters(size);
    void *places = mmap(NULL, n * sizeof *ret->places, PROT_READ | PROT_WRITE,
        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    if (places == MAP_FAILED)
        return error_errno(err, errno, "cannot allocate the tables of a qcow2");
    ret->size = size;
    ret->n = n;
    ret->places = places;
    ret->next = CLUSTER;
    return 0;
}

int
qcow2_write(
    struct qcow2 *q, int fd, const uint8_t *data, size_t size, uint64_t offset)
{
    while (size) {
        size_t first = offset / CLUSTER, end = first + clusters(size);
        size_t run = 1;

        if (!q->places[first]) {
            while (first + run < end && !q->places[first + run])
                run++;

            uint64_t at = atomic_fetch_add(&q->next, run * CLUSTER);
            for (size_t i = 0; i < run; i++)
                q->places[first + i] = at + i * CLUSTER;
        }
        size_t n = run * CLUSTER < size ? run * CLUSTER : size;
        if (pwrite_all(fd, data, n, (off_t)q->places[first]) < 0)
            return -1;
        data += n;
        size -= n;
        offset += n;
    }
    return 0;
}

/* --- the tables --- */

/* Write one level-2 table; its place is 0 if it would be empty. */
static int
put_l2(struct qcow2 *q, int fd, size_t table, uint64_t *ret_place)
{
    uint64_t entries[L2_ENTRIES];
    bool any = false;

    for (size_t i = 0; i < L2_ENTRIES; i++) {
        size_t cluster = table * L2_ENTRIES + i;
        uint64_t place = cluster < q->n ? q->places[cluster] : 0;

        any |= place;
        entries[i] = place ? htobe64(place | only_one) : 0;
    }
    *ret_place = any ? atomic_fetch_add(&q->next, CLUSTER) : 0;
    return any ? pwrite_all(fd, entries, sizeof entries, (off_t)*ret_place) : 0;
}

static int
put_l1(struct qcow2 *q, int fd, size_t n, uint64_t *ret_place)
{
    cleanup_free uint64_t *entries = calloc(n, sizeof *entries);

    if (!entries)
        return -1;
    for (size_t i = 0; i < n; i++) {
        uint64_t place;

        if (put_l2(q, fd, i, &place) < 0)
            return -1;
        entries[i] = place ? htobe64(place | only_one) : 0;
    }
    *ret_place = atomic_fetch_add(&q->next, clusters(n * 8) * CLUSTER);
    return pwrite_all(fd, entries, n * sizeof *entries, (off_t)*ret_place);
}

/* The counts also count their own clusters. */
static int
put_counts(
    struct qcow2 *q, int fd, uint64_t *ret_place, uint64_t *ret_table_clusters)
{
    uint64_t used = q->next / CLUSTER, blocks = 0, total, table;
    uint16_t counts[COUNTS];

    do {
        blocks++;
        table = clusters(blocks * 8);
        total = used + blocks + table;
    } while (blocks * COUNTS < total);

    cleanup_free uint64_t *entries = calloc(blocks, sizeof *entries);
    if (!entries)
        return -1;
    for (uint64_t b = 0; b < blocks; b++) {
        for (uint64_t i = 0; i < COUNTS; i++)
            counts[i] = b * COUNTS + i < total ? htobe16(1) : 0;
        entries[b] = htobe64((off_t)((used + b) * CLUSTER));
        if (pwrite_all(
                fd, counts, sizeof counts, (off_t)((used + b) * CLUSTER)) < 0)
            return -1;
    }
    *ret_place = (used + blocks) * CLUSTER;
    *ret_table_clusters = table;
    q->next = total * CLUSTER;
    return pwrite_all(fd, entries, blocks * sizeof *entries, (off_t)*ret_place);
}

static int
put_all(struct qcow2 *q, int fd)
{
    size_t n = (q->n + L2_ENTRIES - 1) / L2_ENTRIES;
    uint64_t l1, counts, count_clusters;
    uint8_t header[CLUSTER] = {'Q', 'F', 'I', 0xfb};

    if (put_l1(q, fd, n, &l1) < 0 ||
        put_counts(q, fd, &counts, &count_clusters) < 0)
        return -1;
    put_be32(header + 4, 3);
    put_be32(header + 20, CLUSTER_BITS);
    put_be64(header + 24, q->size);
    put_be32(header + 36, (uint32_t)n);
    put_be64(header + 40, l1);
    put_be64(header + 48, counts);
    put_be32(header + 56, (uint32_t)count_clusters);
    put_be32(header + 96, COUNT_BITS_LOG2);
    put_be32(header + 100, HEADER_LENGTH);
    /* Tables are whole clusters. */
    return ftruncate(fd, (off_t)q->next) < 0
               ? -1
               : pwrite_all(fd, header, CLUSTER, 0);
}

int
qcow2_finish(struct qcow2 *q, int fd, struct error *err)
{
    if (put_all(q, fd) < 0)
        return error_errno(err, errno, "cannot write a qcow2");
    return 0;
}

void
qcow2_close(struct qcow2 *q)
{
    if (q->places)
        munmap(q->places, q->n * sizeof *q->places);
    q->places = NULL;
}
