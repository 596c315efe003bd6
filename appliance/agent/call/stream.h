/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The streams of a call. */
#pragma once
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct call;

/* Open the bulk area, once, before the appliance is saved. */
void bulk_prepare(void);

/* A buffer of BULK_SLOT bytes that bulk data is best moved with; the same one
 * each time. */
void *bulk_buffer(struct call *c);

/* The next piece of the stream in: bytes, which live until the next piece,
 * or zeroes that were left out.  0 at the end; -1 (call failed) if the
 * library gave up. */
struct piece {
    const void *data;
    size_t size;
    uint64_t hole;
};
int stream_next(struct call *c, struct piece *ret);

/* The next bytes of the stream in: at most SIZE; 0 at its end; -1 (call
 * failed) if the library gave up. */
ssize_t stream_read(struct call *c, void *data, size_t size);

/* Send bytes of the stream out, or stand in for zeroes; -1 (call failed) if
 * it was cancelled. */
int stream_write(struct call *c, const void *data, size_t size);
int stream_hole(struct call *c, uint64_t size);

/* The call has ended: throw away what is left of its stream in. */
void stream_end(struct call *c);
