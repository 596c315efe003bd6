/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The bytes of an image as the header readers see them: bounded by a size, so
 * that no read runs past the end. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct image_source {
    uint64_t size; /* bytes that can be read */

    /* Read exactly N bytes, all of them below SIZE.  0, or -1 with errno. */
    int (*pread)(void *opaque, void *data, size_t n, uint64_t offset);
    void *opaque;

    /* Bytes of tables that checks may still read, where the image decides what
     * a check costs; see source_pay. */
    uint64_t budget;
};

/* A file or block device; FD stays the caller's and must outlive SRC. */
int source_open(struct image_source *src, int *fd, struct error *err);

/* Read N bytes.  A read beyond the end is a fault of the image: WHAT ("the L1
 * table") goes into the error. */
int source_read(const struct image_source *src, void *data, size_t n,
    uint64_t offset, const char *what, struct error *err);

/* Read up to N bytes; the rest becomes zero.  False only on an I/O error. */
bool source_peek(
    const struct image_source *src, void *data, size_t n, uint64_t offset);

/* N bytes as a string that the caller frees; a NUL inside is an error.  WHAT
 * as above. */
char *source_read_name(const struct image_source *src, uint64_t offset,
    size_t n, const char *what, struct error *err);

/* True if N bytes from OFFSET lie inside the file. */
bool source_holds(const struct image_source *src, uint64_t offset, uint64_t n);

/* Take N bytes from the budget; false when it is exhausted. */
bool source_pay(struct image_source *src, uint64_t n);

/* The error of a file that ends too early. */
int source_truncated(const struct image_source *src, uint64_t offset,
    const char *what, struct error *err);
