/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The digests of all blocks of an image.  They are kept up to date while it is
 * written, so that at its end nobody has to read it for its hash, and later
 * tell which blocks have to be written anew. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/hash.h"

enum {
    BLOCK_SIZE = 64 << 10,
    UNKNOWN = 0xff, /* all bytes of a digest that nobody knows */
};

struct digests {
    uint64_t size; /* of the image */
    size_t n;      /* blocks, the last one may be short */
    uint8_t (*of)[HASH_SHA256_SIZE];
};

/* For an image of SIZE bytes, all of them zero; in the file FD if it is not
 * -1, as it is there if it has content. */
int digests_open(struct digests *ret, uint64_t size, int fd, struct error *err);

/* A block that is zero has no digest, but zeroes; so a hole costs nothing. */
bool digests_is_zero(const struct digests *d, size_t block);
void digests_set_zero(struct digests *d, size_t block);

/* Nobody knows what is in it: it is about to be written. */
void digests_set_unknown(struct digests *d, size_t block);

/* The blkhash of the image, as `nbdcopy --blkhash` prints it: SHA-256 of the
 * digests of all blocks of 64 KiB, and of the size; to be freed. */
char *digests_root(const struct digests *d);

/* Have them on the disk; -1 with errno. */
int digests_sync(const struct digests *d);

void digests_close(struct digests *d);
#define cleanup_digests __attribute__((cleanup(digests_close)))
