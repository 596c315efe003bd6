/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The inside of a channel, for channel.c (the socket and its frames),
 * exchange.c (a call) and call_stream.c (the data of its stream). */
#pragma once
#include "lib/rpc/channel.h"
#include "lib/rpc/feed.h"
#include "lib/rpc/sink.h"
#include "wire/hello.h"

enum { BULK_SIZE = BULK_SLOT * BULK_SLOTS };

struct channel {
    int fd, wake;
    const atomic_uint *cancelled;
    uint32_t serial;
    bool dead;
    uint8_t nonce[HELLO_NONCE]; /* of the hello that was sent */

    int (*watched)(void *opaque); /* see channel_watch; NULL: nothing */
    void (*pump)(void *opaque);
    void *opaque;

    int bulk;       /* -1: none */
    uint8_t *slots; /* the bulk area, mapped on first use */

    uint8_t *out; /* bytes to be sent: out_start..out_end of out_room */
    size_t out_start, out_end, out_room;

    uint8_t in[FRAME_HEADER + FRAME_MAX];
    size_t in_used;
};

/* The state of one call, while it lasts. */
struct exchange {
    const struct channel_call *call;
    double start, deadline;
    double own;     /* seconds of these that the host's files took */
    uint64_t moved; /* bytes of data, and of the reply */
    int percent;    /* the most that progress has shown */
    uint64_t work;  /* of the disks, when it was asked for last */
    int granted;    /* seconds for it */
    bool cancel_sent;
    bool input_done;     /* END or ABORT is queued */
    unsigned progress;   /* frames so far */
    struct error broken; /* of the host's file; reported when the call ends */
    struct sink sink;
    struct feed source;
    unsigned slot, free_slots; /* the next to fill; how many are free */
    uint8_t *reply;
    size_t reply_size;
};

/* --- channel.c --- */

/* The first frame in the buffer: 1 and *ret, or 0 if it is not whole yet; and
 * remove it. */
int channel_first(struct channel *ch, struct frame *ret, struct error *err);
void channel_drop(struct channel *ch, const struct frame *f);

int channel_queue(struct channel *ch, enum frame_kind kind, uint16_t call,
    const void *data, size_t size, struct error *err);

/* Send what is queued, as far as possible without waiting. */
int channel_send(struct channel *ch, struct error *err);

/* Wait until something happens: bytes sent or received, or the wake file
 * readable.  If BUSY, only look, without waiting.  DEADLINE 0: none.  Returns 1
 * if woken, 0 otherwise, -1 on failure. */
int channel_step(struct channel *ch, double deadline, bool watch_wake,
    bool busy, struct error *err);

/* --- call_stream.c --- */

/* Queue the next data of the stream in; needs a free slot. */
int bulk_feed(struct channel *ch, struct exchange *x, struct error *err);

/* Data of the stream out that the agent sent, and of the stream in that it
 * took. */
void bulk_take_data(struct exchange *x, const void *data, size_t size);
int bulk_take_piece(struct channel *ch, struct exchange *x,
    const struct frame *f, struct error *err);
int bulk_take_hole(struct channel *ch, struct exchange *x,
    const struct frame *f, struct error *err);
int bulk_take_taken(
    struct exchange *x, const struct frame *f, struct error *err);
