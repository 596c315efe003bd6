/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The data of a call's stream, between the host's file and the appliance:
 * through the slots of the bulk area (wire/frame.h), or in frames if there is
 * no such area or little data. */
#include <config.h>

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "base/cleanup.h"
#include "base/zeroes.h"
#include "lib/rpc/exchange.h"

/* The bulk area in our memory; NULL: work without it. */
static uint8_t *
map_slots(struct channel *ch)
{
    if (!ch->slots && ch->bulk >= 0) {
        void *p = mmap(
            NULL, BULK_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, ch->bulk, 0);

        if (p == MAP_FAILED)
            ch->bulk = -1;
        else
            ch->slots = p;
    }
    return ch->slots;
}

static int
queue_hole(struct channel *ch, const struct exchange *x, uint64_t hole,
    struct error *err)
{
    uint8_t data[BULK_HOLE];

    bulk_hole_put(hole, data);
    return channel_queue(
        ch, FRAME_HOLE, x->call->number, data, sizeof data, err);
}

static int
queue_piece(struct channel *ch, const struct exchange *x, size_t at,
    size_t size, bool last, struct error *err)
{
    struct bulk_piece b = {
        .offset = (uint32_t)((size_t)x->slot * BULK_SLOT + at),
        .length = (uint32_t)size,
        .last = last,
    };
    uint8_t data[BULK_PIECE];

    bulk_piece_put(&b, data);
    return channel_queue(
        ch, FRAME_BULK, x->call->number, data, sizeof data, err);
}

/* The length of the run of blocks that are all zeroes, or all not. */
static size_t
run_length(const uint8_t *p, size_t size, bool *ret_zeroes)
{
    size_t at = 0;

    do {
        size_t n = size - at < ZEROES_BLOCK ? size - at : ZEROES_BLOCK;
        bool zeroes = is_zeroes(p + at, n);

        if (at == 0)
            *ret_zeroes = zeroes;
        else if (zeroes != *ret_zeroes)
            break;
        at += n;
    } while (at < size);
    return at;
}

/* Where the last nonzero byte ends. */
static size_t
end_of_data(const uint8_t *p, size_t size)
{
    size_t end = 0, n;
    bool zeroes;

    for (size_t at = 0; at < size; at += n) {
        n = run_length(p + at, size - at, &zeroes);
        if (!zeroes)
            end = at + n;
    }
    return end;
}

/* Send the SIZE bytes of the current slot. */
static int
send_slot(
    struct channel *ch, struct exchange *x, size_t size, struct error *err)
{
    const uint8_t *p = ch->slots + (size_t)x->slot * BULK_SLOT;
    size_t end = x->source.zeroes ? size : end_of_data(p, size), n = size;
    bool zeroes = false;

    for (size_t at = 0; at < size; at += n) {
        if (!x->source.zeroes)
            n = run_length(p + at, size - at, &zeroes);
        if ((zeroes ? queue_hole(ch, x, n, err)
                    : queue_piece(ch, x, at, n, at + n == end, err)) < 0)
            return -1;
    }
    if (end > 0) {
        x->slot = (x->slot + 1) % BULK_SLOTS;
        x->free_slots--;
    }
    return 0;
}

int
bulk_feed(struct channel *ch, struct exchange *x, struct error *err)
{
    cleanup_free uint8_t *chunk = NULL;
    uint8_t *data = map_slots(ch) ? ch->slots + (size_t)x->slot * BULK_SLOT
                                  : (chunk = malloc(FRAME_DATA));
    uint64_t hole;

    if (!data)
        return error_set(err, ENOMEM, "no memory to send a file");

    ssize_t n =
        feed_read(&x->source, data, chunk ? FRAME_DATA : BULK_SLOT, &hole);
    x->moved += hole + (n > 0 ? (uint64_t)n : 0);
    if (hole > 0)
        return queue_hole(ch, x, hole, err);
    if (n >= BULK_LEAST && !chunk)
        return send_slot(ch, x, (size_t)n, err);
    if (n > 0)
        return channel_queue(
            ch, FRAME_DATA_CHUNK, x->call->number, data, (size_t)n, err);
    x->input_done = true;
    if (n < 0)
        error_errno(&x->broken, errno, "cannot read the host's file");
    return channel_queue(
        ch, n < 0 ? FRAME_ABORT : FRAME_END, x->call->number, NULL, 0, err);
}

void
bulk_take_data(struct exchange *x, const void *data, size_t size)
{
    x->moved += size;
    if (!x->broken.code && sink_write(&x->sink, data, size) < 0)
        error_errno(&x->broken, errno, "cannot write the host's file");
}

int
bulk_take_piece(struct channel *ch, struct exchange *x, const struct frame *f,
    struct error *err)
{
    struct bulk_piece b;

    if (!bulk_piece_get(ch->in + FRAME_HEADER, f->length, &b) || !map_slots(ch))
        return error_set(err, EPROTO, "the appliance sent a bad bulk frame");
    bulk_take_data(x, ch->slots + b.offset, b.length);
    return b.last
               ? channel_queue(ch, FRAME_TAKEN, x->call->number, NULL, 0, err)
               : 0;
}

/* For a pipe the zeroes have to be written, which may take time. */
int
bulk_take_hole(struct channel *ch, struct exchange *x, const struct frame *f,
    struct error *err)
{
    uint64_t left;

    if (!bulk_hole_get(ch->in + FRAME_HEADER, f->length, &left))
        return error_set(err, EPROTO, "the appliance sent a bad hole");
    x->moved += left < BULK_SIZE ? left : BULK_SIZE;
    while (left > 0 && !x->broken.code &&
           !(ch->cancelled && atomic_load(ch->cancelled))) {
        uint64_t n = x->sink.sparse || left < BULK_SLOT ? left : BULK_SLOT;

        if (sink_hole(&x->sink, n) < 0)
            error_errno(&x->broken, errno, "cannot write the host's file");
        left -= n;
    }
    return 0;
}

int
bulk_take_taken(struct exchange *x, const struct frame *f, struct error *err)
{
    if (f->length > 0 || x->free_slots >= BULK_SLOTS)
        return error_set(
            err, EPROTO, "the appliance took data that was not sent");
    x->free_slots++;
    return 0;
}
