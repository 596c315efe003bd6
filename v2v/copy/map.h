/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the bytes of an image lie in the files that it is made of.  What lies
 * there as it is can be read without QEMU between. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum { MAP_FILES = 2, MAP_ZERO = -1 };

struct map_extent {
    uint64_t start, size, offset;
    int file; /* index of map.files; MAP_ZERO: it lies nowhere, and is zero */
};

struct map {
    int files[MAP_FILES]; /* the image, and what it stands on; -1: unknown */
    struct map_extent *extents;
    size_t n;
};

/* Ask QEMU for the map of the qcow2 OVERLAY, which stands on BASE, a file or
 * device; NULL if that is made of more than one. */
int map_read(
    struct map *ret, const char *overlay, const char *base, struct error *err);

/* Read, if all of it lies in files or is zero; else false. */
bool map_pread(
    const struct map *map, uint8_t *data, size_t size, uint64_t offset);

void map_clear(struct map *map);
#define cleanup_map __attribute__((cleanup(map_clear)))
