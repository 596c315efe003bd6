/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The library's end of the channel: frames with deadlines.
 *
 * A channel is sound or dead.  Whatever is out of place (a frame that is too
 * long or not due, a wrong serial, an unfinished value, silence past the
 * deadline) makes it dead for ever: there is no way to find one's place again
 * in a liar's words. */
#pragma once
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "wire/frame.h"
#include "wire/wire.h"

struct channel;

/* A channel over the connected stream socket FD, which the caller keeps.  WAKE
 * is a file that becomes readable when CANCELLED becomes not 0; -1: none. */
struct channel *channel_new(
    int fd, int wake, const atomic_uint *cancelled, struct error *err);
void channel_free(struct channel *ch);

/* While waiting, also watch the file that FD(OPAQUE) gives (-1: none) and
 * call PUMP(OPAQUE) when it is readable: the appliance's console. */
void channel_watch(struct channel *ch, int (*fd)(void *opaque),
    void (*pump)(void *opaque), void *opaque);

/* The bulk area (wire/frame.h), as a file of BULK_SLOT * BULK_SLOTS bytes,
 * which the caller keeps.  Without one all data goes through frames. */
void channel_set_bulk(struct channel *ch, int fd);

/* Say hello; then wait for the answer and check it: the nonce and API_HASH.
 * Between the two the agent is busy, and the caller can do other work. */
int channel_greet(
    struct channel *ch, const char *run_id, uint32_t flags, struct error *err);
int channel_hello(struct channel *ch, double timeout, struct error *err);

/* The outcome of a call.  BROKEN: the channel is dead and the error says why;
 * FAILED: the agent refused, and the error is the agent's. */
enum channel_result { CHANNEL_DONE, CHANNEL_FAILED, CHANNEL_BROKEN };

struct channel_call {
    uint16_t number;
    const uint8_t *arguments;
    size_t size;
    /* Seconds of silence; 0: none.  All in all a call gets some of these, and
     * more as it gets on: exchange.c. */
    int timeout;
    bool stream_in, stream_out; /* as the definition says */
    int stream_fd;              /* the host's file of the stream; -1: none */
    void (*progress)(void *opaque, uint64_t done, uint64_t total);
    /* NULL, or: TIMEOUT has passed; false to end the call, true to go on. */
    bool (*alive)(void *opaque);
    /* NULL, or: how many bytes its disks have read and written so far, as the
     * host sees it; 0: not known. */
    uint64_t (*work)(void *opaque);
    void *opaque;
};

/* Make one call.  On DONE the reply is in *ret_reply, ret_size bytes, which
 * the caller frees. */
enum channel_result channel_call(struct channel *ch,
    const struct channel_call *call, uint8_t **ret_reply, size_t *ret_size,
    struct error *err);
