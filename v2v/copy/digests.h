/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The digests of all blocks of an image.  They are kept up to date while it is
 * written, so its hash is known at the end without reading it.  A later run
 * uses them to find the blocks that have to be written again. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/hash.h"

enum {
    BLOCK_SIZE = 64 << 10,
    UNKNOWN = 0xff, /* every byte of an unknown digest */
};

struct digests {
    uint64_t size; /* of the image */
    size_t n;      /* blocks, the last one may be short */
    uint8_t (*of)[HASH_SHA256_SIZE];
};

/* For an image of SIZE bytes, all of them zero; in the file FD unless it is -1;
 * if the file has content, that is used. */
int digests_open(struct digests *ret, uint64_t size, int fd, struct error *err);

/* The digest of a zero block is stored as zeroes, so a hole costs nothing. */
bool digests_is_zero(const struct digests *d, size_t block);
void digests_set_zero(struct digests *d, size_t block);

/* Its content is unknown: it is about to be written. */
void digests_set_unknown(struct digests *d, size_t block);

/* The blkhash of the image, as `nbdcopy --blkhash` prints it: SHA-256 of the
 * digests of all blocks of 64 KiB, and of the size; the caller frees it. */
char *digests_root(const struct digests *d);

/* Write them to the disk; -1 with errno. */
int digests_sync(const struct digests *d);

void digests_close(struct digests *d);
#define cleanup_digests __attribute__((cleanup(digests_close)))
