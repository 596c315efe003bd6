/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an overlay leaves as it is in its raw base can be read from the base's
 * files, without going through QEMU. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "v2v/copy/server.h"

enum { MAP_PIECES_MAX = 32 };

struct map_extent {
    uint64_t start, size;
};

/* Bytes of the disk that lie in a file. */
struct map_piece {
    uint64_t start, size, offset; /* offset: in the file */
    int fd;
};

struct map {
    struct map_piece pieces[MAP_PIECES_MAX];
    size_t n_pieces;
    struct map_extent *extents; /* of the base, in their order */
    size_t n;
};

/* SIZE bytes of the base from START on are those of PATH from OFFSET on. */
int map_add_piece(struct map *map, const char *path, uint64_t start,
    uint64_t size, uint64_t offset, struct error *err);

/* Ask the server, which serves an overlay on that base, what lies in the
 * base. */
int map_read(struct map *map, const struct server *s, struct error *err);

/* Read, if all of it lies in the base's files; else return false.  Several
 * threads may do so. */
bool map_pread(
    const struct map *map, uint8_t *data, size_t size, uint64_t offset);

void map_clear(struct map *map);
#define cleanup_map __attribute__((cleanup(map_clear)))
