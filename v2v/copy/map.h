/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the bytes of an image lie in its files.  Bytes stored there unchanged
 * can be read without going through QEMU. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum { MAP_FILES = 2, MAP_ZERO = -1 };

struct map_extent {
    uint64_t start, size, offset;
    int file; /* index of map.files; MAP_ZERO: not stored, reads as zero */
};

struct map {
    int files[MAP_FILES]; /* the image and its backing files; -1: unknown */
    struct map_extent *extents;
    size_t n;
};

/* Ask QEMU for the map of the qcow2 OVERLAY, which is backed by BASE, a file or
 * device; BASE is NULL if that consists of several. */
int map_read(
    struct map *ret, const char *overlay, const char *base, struct error *err);

/* Read, if all of it lies in files or is zero; else return false. */
bool map_pread(
    const struct map *map, uint8_t *data, size_t size, uint64_t offset);

void map_clear(struct map *map);
#define cleanup_map __attribute__((cleanup(map_clear)))
