/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <config.h>

#include "lib/engine/memory.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/zeroes.h"

enum { PIECE = 1 << 20 };

/* The same whatever the file system keeps as a hole. */
static int
hash_piece(struct hash *all, const char *piece, size_t size, uint64_t number)
{
    char line[64];

    if (is_zeroes(piece, size))
        return 0;
    cleanup_hash struct hash *h = hash_new(HASH_CRC32);
    if (!h)
        return -1;
    hash_feed(h, piece, size);
    cleanup_free char *text = hash_hex(h);
    if (!text)
        return -1;
    int n = snprintf(line, sizeof line, "%ju %s\n", (uintmax_t)number, text);
    hash_feed(all, line, (size_t)n);
    return 0;
}

char *
memory_hash(int fd, struct error *err)
{
    cleanup_hash struct hash *all = hash_new(HASH_SHA256);
    cleanup_free char *piece = malloc(PIECE);
    off_t data, at = 0;
    struct stat st;

    if (!all || !piece)
        return error_no_memory(err), NULL;
    if (fstat(fd, &st) < 0)
        return error_errno(err, errno, "cannot examine the memory file"), NULL;
    hash_feed(all, &st.st_size, sizeof st.st_size);
    while (at < st.st_size && (data = lseek(fd, at, SEEK_DATA)) >= 0) {
        at = data - data % PIECE;
        off_t left = st.st_size - at;
        size_t size = left < PIECE ? (size_t)left : PIECE;

        if (left <= 0)
            break;
        if (pread_all(fd, piece, size, at) < 0)
            return error_errno(err, errno, "cannot read the memory file"), NULL;
        if (hash_piece(all, piece, size, (uint64_t)at / PIECE) < 0)
            return error_no_memory(err), NULL;
        at += PIECE;
    }
    char *text = hash_hex(all);
    if (!text)
        error_no_memory(err);
    return text;
}

bool
memory_time_is_proof(int fd)
{
    static const uint32_t known[] = {
        0xef53,     /* ext4 */
        0x58465342, /* xfs */
        0x9123683e, /* btrfs */
        0xf2f52010, /* f2fs */
    };
    struct statfs fs;

    if (fstatfs(fd, &fs) < 0)
        return false;
    for (size_t i = 0; i < N_ELEMENTS(known); i++) {
        if ((uint32_t)fs.f_type == known[i])
            return true;
    }
    return false;
}
