/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which parts of a source there are to read. */
#pragma once
#include "v2v/copy/transfer.h"

enum extent_kind {
    EXTENT_READ,
    EXTENT_ZERO, /* it is zero, without a look */
    EXTENT_SKIP, /* nobody asked for it */
};

struct extents;

/* Ask SOURCE on a connection of its own. */
struct extents *extents_new(struct server *source, enum visit visit,
    const char *bitmap, struct error *err);
/* The connection, for who has no other. */
struct nbd_handle *extents_nbd(const struct extents *e);
uint64_t extents_size(const struct extents *e);

/* The next part, in whole blocks; a piece at most if it is to be read.
 * Returns 1, or 0 at the end. */
int extents_next(struct extents *e, uint64_t *ret_offset, uint64_t *ret_size,
    enum extent_kind *ret_kind, struct error *err);

void extents_free(struct extents *e);
