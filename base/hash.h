/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Hashes, by libgcrypt.  MD5 and SHA-1 are only for comparison with checksums
 * that others recorded; CRC-32 finds damage, at the speed of memory. */
#pragma once
#include <stddef.h>

#include "base/error.h"

enum hash_kind {
    HASH_MD5,
    HASH_SHA1,
    HASH_SHA224,
    HASH_SHA256,
    HASH_SHA384,
    HASH_SHA512,
    HASH_CRC32,
};

/* A hash in progress; NULL on failure. */
struct hash;
struct hash *hash_new(enum hash_kind kind);
void hash_feed(struct hash *h, const void *data, size_t size);

/* The digest in lower-case hexadecimal, which the caller frees; H must still be
 * freed. */
char *hash_hex(struct hash *h);
void hash_freep(struct hash **h);

#define cleanup_hash __attribute__((cleanup(hash_freep), unused))

/* The raw digest of SIZE bytes; it has HASH_SHA256_SIZE bytes. */
enum { HASH_SHA256_SIZE = 32 };
void hash_sha256(
    const void *data, size_t size, unsigned char ret[HASH_SHA256_SIZE]);

/* The digest of all that can be read from FD, from its current offset. */
char *hash_fd(enum hash_kind kind, int fd, struct error *err);
