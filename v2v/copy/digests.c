/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "v2v/copy/digests.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/zeroes.h"

static size_t
bytes(const struct digests *d)
{
    return d->n * sizeof *d->of;
}

int
digests_open(struct digests *ret, uint64_t size, int fd, struct error *err)
{
    struct digests d = {
        .size = size,
        .n = size / BLOCK_SIZE + (size % BLOCK_SIZE != 0),
    };
    int flags =
        fd < 0 ? MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE : MAP_SHARED;
    struct stat st = {0};
    int code = 0;

    if (size == 0)
        return error_set(err, EINVAL, "a disk of zero bytes");
    if (fd >= 0 && fstat(fd, &st) < 0)
        return error_errno(err, errno, "cannot examine the table of digests");
    if (st.st_size && (uint64_t)st.st_size != bytes(&d))
        return error_set(err, EINVAL,
            "the size of the disk has changed since the last copy");
    /* Allocate everything: a write to a mapped page without disk space raises a
     * signal instead of an error. */
    if (fd >= 0 && (code = posix_fallocate(fd, 0, (off_t)bytes(&d))))
        return error_errno(err, code, "cannot make the table of digests");

    void *p = mmap(NULL, bytes(&d), PROT_READ | PROT_WRITE, flags, fd, 0);
    if (p == MAP_FAILED)
        return error_errno(err, errno, "no table of digests");
    d.of = p;
    *ret = d;
    return 0;
}

bool
digests_is_zero(const struct digests *d, size_t block)
{
    return is_zeroes(d->of[block], sizeof d->of[block]);
}

void
digests_set_zero(struct digests *d, size_t block)
{
    memset(d->of[block], 0, sizeof d->of[block]);
}

void
digests_set_unknown(struct digests *d, size_t block)
{
    memset(d->of[block], UNKNOWN, sizeof d->of[block]);
}

char *
digests_root(const struct digests *d)
{
    cleanup_hash struct hash *hash = hash_new(HASH_SHA256);
    cleanup_free uint8_t *zeroes = calloc(1, BLOCK_SIZE);
    uint8_t zero[HASH_SHA256_SIZE];
    uint64_t size = htole64(d->size);

    if (!hash || !zeroes)
        return NULL;
    hash_sha256(zeroes, BLOCK_SIZE, zero);
    for (size_t i = 0; i < d->n; i++) {
        size_t rest = d->size - (uint64_t)i * BLOCK_SIZE;

        if (digests_is_zero(d, i) && rest < BLOCK_SIZE)
            hash_sha256(zeroes, rest, zero);
        hash_feed(hash, digests_is_zero(d, i) ? zero : d->of[i], sizeof zero);
    }
    hash_feed(hash, &size, sizeof size);
    return hash_hex(hash);
}

int
digests_sync(const struct digests *d)
{
    return msync(d->of, bytes(d), MS_SYNC);
}

void
digests_close(struct digests *d)
{
    if (d->of)
        munmap(d->of, bytes(d));
    *d = (struct digests){0};
}
