/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an image, and the disk in it, is. */
#pragma once
#include <mayfly.h>
#include <stdint.h>

#include "base/error.h"
#include "resize/layout.h"

/* The partitions of DEVICE into RET.  *ret_table: it has a table; without one
 * the whole device is what has content. */
int disk_read(struct mayfly *g, const char *device, struct layout *ret,
    bool *ret_table, struct error *err);

/* The partition that the user calls NAME; NULL with an error if there is none
 * of that name on the disk. */
struct slot *disk_find(struct mayfly *g, const struct layout *l,
    const char *name, struct error *err);

/* The size of the disk in the image FILE, and its format; FORMAT NULL: what its
 * start shows.  The caller frees *ret_format. */
int image_examine(struct mayfly *g, const char *file, const char *format,
    char **ret_format, uint64_t *ret_size, struct error *err);

/* The new size of something of SIZE bytes by a text like 10G, +1G, -200M, 90%
 * or +10%. */
int size_change(
    const char *text, uint64_t size, uint64_t *ret, struct error *err);
