/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which parts of a source have to be read. */
#pragma once
#include "v2v/copy/transfer.h"

enum extent_kind {
    EXTENT_READ,
    EXTENT_ZERO, /* known to be zero without reading */
    EXTENT_SKIP, /* not wanted */
};

struct extents;

/* Ask SOURCE on a separate connection. */
struct extents *extents_new(struct server *source, enum visit visit,
    const char *bitmap, struct error *err);
/* Its connection, for a caller without another. */
struct nbd_handle *extents_nbd(const struct extents *e);
uint64_t extents_size(const struct extents *e);

/* The next part, in whole blocks; at most one piece if it is to be read.
 * Returns 1, or 0 at the end. */
int extents_next(struct extents *e, uint64_t *ret_offset, uint64_t *ret_size,
    enum extent_kind *ret_kind, struct error *err);

void extents_free(struct extents *e);
