/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Theory of operation: a call sends its CALL frame, then runs one loop: send
 * the agent data as long as the outgoing queue is short, take what it sends,
 * until REPLY or ERROR.
 *
 * Cancelling: the wake file interrupts poll; the channel sends CANCEL once and
 * goes on waiting for the agent to end the call, CANCEL_GRACE seconds at most,
 * so that the handle stays usable after a cancelled download.
 *
 * Deadlines: every frame renews that of silence.  An agent that was taken over
 * could go on for ever with one byte at a time, so there is a limit for the
 * whole call that grows only with what it achieves: data at a rate that any
 * disk exceeds, percents of what its progress says, or what the host sees its
 * disks do, since the checksums of terabytes are a few lines (for a week at
 * most: it could read in circles).  A copy of terabytes and a long but honest
 * progress reach their ends; calls that may be silent for hours (a check of a
 * file system) have no timeout at all, since no one can know, and end by being
 * cancelled.  The time that the host's own files take, a
 * pipe to a slow reader for instance, is not the agent's. */
#include <config.h>

#include "lib/rpc/exchange.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/strv.h"

enum {
    CANCEL_GRACE = 5,
    QUEUE_SHORT = 1 << 20, /* send no more data while this much is queued */
    PROGRESS_MAX = 100000, /* progress frames that one call may send */
    WHOLE = 6,             /* timeouts that a call without progress may take */
    SLOWEST = 64 << 10,    /* bytes a second that earn no further time */
    GRANTED_MAX = 7 * 86400,
};

static double
limit(const struct exchange *x)
{
    return x->start + x->own + (double)x->call->timeout * (WHOLE + x->percent) +
           x->granted + (double)x->moved / SLOWEST;
}

static void
renew(struct exchange *x)
{
    double timeout = x->call->timeout, end;

    if (x->cancel_sent)
        return;
    x->deadline = timeout > 0 ? monotonic_seconds() + timeout : 0;
    end = limit(x);
    if (!x->call->alive && x->deadline > end)
        x->deadline = end;
}

/* What was done SINCE was done here. */
static void
add_own_time(struct exchange *x, double since)
{
    double taken = monotonic_seconds() - since;

    x->own += taken;
    if (x->deadline > 0)
        x->deadline += taken;
}

/* What its disks do, at SLOWEST, earns time as well. */
static bool
has_worked(struct exchange *x)
{
    uint64_t least = (uint64_t)x->call->timeout * SLOWEST;
    uint64_t work = x->call->work ? x->call->work(x->call->opaque) : 0;

    if (work < x->work || work - x->work < least || x->granted >= GRANTED_MAX)
        return false;
    x->work = work;
    x->granted += x->call->timeout;
    return true;
}

/* The deadline has passed. */
static int
expire(struct exchange *x, struct error *err)
{
    if (!x->cancel_sent && x->call->alive && x->call->alive(x->call->opaque)) {
        error_clear(err);
        renew(x);
        return 0;
    }
    if (!x->cancel_sent && x->call->alive)
        return error_set(err, ETIMEDOUT,
            "nothing is written any more, and no answer comes; the last writes "
            "may be lost");
    if (x->cancel_sent || monotonic_seconds() < limit(x))
        return -1;
    if (has_worked(x)) {
        error_clear(err);
        renew(x);
        return 0;
    }
    return error_set(err, ETIMEDOUT,
        "the appliance makes too little progress: %" PRIu64
        " bytes, %d %% in %.0f seconds",
        x->moved, x->percent, monotonic_seconds() - x->start);
}

static int
send_cancel(struct channel *ch, struct exchange *x, struct error *err)
{
    x->cancel_sent = true;
    x->deadline = monotonic_seconds() + CANCEL_GRACE;
    if (x->call->stream_in && !x->input_done) {
        x->input_done = true;
        return channel_queue(ch, FRAME_ABORT, x->call->number, NULL, 0, err);
    }
    return channel_queue(ch, FRAME_CANCEL, x->call->number, NULL, 0, err);
}

static int
take_part(struct channel *ch, struct exchange *x, const struct frame *f,
    struct error *err)
{
    if (f->length > FRAME_REPLY_MAX - x->reply_size)
        return error_set(err, EPROTO, "the appliance's reply is too long");

    uint8_t *bigger = realloc(x->reply, x->reply_size + f->length + 1);
    if (!bigger)
        return error_set(err, ENOMEM, "no memory for the reply");
    memcpy(bigger + x->reply_size, ch->in + FRAME_HEADER, f->length);
    x->moved += f->length;
    x->reply = bigger;
    x->reply_size += f->length;
    return 0;
}

/* The agent's error: i32 errno value, string. */
static int
take_error(struct channel *ch, const struct frame *f, struct error *err)
{
    struct wire_arena arena = {.cap = (size_t)4 * FRAME_ERROR_MAX};
    struct wire_reader r = {ch->in + FRAME_HEADER, f->length, false, &arena};
    int code = wire_get_i32_range(&r, 1, 4095);
    char *text = wire_get_string(&r, FRAME_ERROR_MAX);
    bool good = wire_finish(&r);
    cleanup_free char *safe = good ? text_escape(text) : NULL;

    wire_arena_free(&arena);
    if (arena.no_memory || (good && !safe))
        return error_no_memory(err);
    if (!safe)
        return error_set(err, EPROTO, "the appliance sent a malformed error");
    error_set(err, code, "%s", safe);
    return 0;
}

static int
take_progress(struct channel *ch, struct exchange *x, const struct frame *f,
    struct error *err)
{
    struct wire_arena arena = {0};
    struct wire_reader r = {ch->in + FRAME_HEADER, f->length, false, &arena};
    uint64_t done = wire_get_u64(&r), total = wire_get_u64(&r);

    if (!wire_finish(&r) || ++x->progress > PROGRESS_MAX)
        return error_set(err, EPROTO, "the appliance sent bad progress");
    int percent = total == 0      ? 0
                  : done >= total ? 100
                                  : (int)(100.0 * (double)done / (double)total);
    if (percent > x->percent)
        x->percent = percent;
    if (x->call->progress)
        x->call->progress(x->call->opaque, done, total);
    return 0;
}

/* Handle one frame during a call.  Returns 1 if the call has ended with
 * *ret. */
static int
take_frame(struct channel *ch, struct exchange *x, const struct frame *f,
    enum channel_result *ret, struct error *err)
{
    if (f->serial != ch->serial || f->call != x->call->number)
        return error_set(err, EPROTO,
            "the appliance answered a call that "
            "was not made");
    /* The real agent sends none; an endless flood of them would use up no
     * limit. */
    if (f->length == 0 &&
        (f->kind == FRAME_PART || f->kind == FRAME_DATA_CHUNK))
        return error_set(err, EPROTO, "the appliance sent an empty frame");
    renew(x);
    switch (f->kind) {
    case FRAME_PART:
        return take_part(ch, x, f, err);
    case FRAME_REPLY:
        *ret = CHANNEL_DONE;
        return take_part(ch, x, f, err) < 0 ? -1 : 1;
    case FRAME_ERROR:
        *ret = CHANNEL_FAILED;
        return take_error(ch, f, err) < 0 ? -1 : 1;
    case FRAME_PROGRESS:
        return take_progress(ch, x, f, err);
    case FRAME_DATA_CHUNK:
        if (!x->call->stream_out)
            break;
        bulk_take_data(x, ch->in + FRAME_HEADER, f->length);
        return 0;
    case FRAME_BULK:
        if (!x->call->stream_out)
            break;
        return bulk_take_piece(ch, x, f, err);
    case FRAME_HOLE:
        if (!x->call->stream_out)
            break;
        return bulk_take_hole(ch, x, f, err);
    case FRAME_TAKEN:
        if (!x->call->stream_in)
            break;
        return bulk_take_taken(x, f, err);
    default:
        break;
    }
    return error_set(err, EPROTO,
        "the appliance sent a frame of kind %u "
        "out of turn",
        f->kind);
}

static int
run_call(struct channel *ch, struct exchange *x, enum channel_result *ret,
    struct error *err)
{
    const struct channel_call *call = x->call;

    if (channel_queue(
            ch, FRAME_CALL, call->number, call->arguments, call->size, err) < 0)
        return -1;
    x->start = monotonic_seconds();
    renew(x);
    for (;;) {
        struct frame f;
        double now;
        int got = channel_first(ch, &f, err);

        if (got < 0)
            return -1;
        if (got > 0) {
            now = monotonic_seconds();
            got = take_frame(ch, x, &f, ret, err);
            add_own_time(x, now);
            if (got < 0)
                return -1;
            channel_drop(ch, &f);
            if (got > 0)
                return 0;
            /* The host's disk is full: the rest is of no use. */
            if (x->broken.code && !x->cancel_sent &&
                send_cancel(ch, x, err) < 0)
                return -1;
            continue;
        }
        /* Sent first: a queue that becomes empty while we wait would not be
         * refilled. */
        if (channel_send(ch, err) < 0)
            return -1;
        bool busy = call->stream_in && !x->input_done && x->free_slots > 0 &&
                    ch->out_end - ch->out_start < QUEUE_SHORT;
        now = monotonic_seconds();
        if (busy && bulk_feed(ch, x, err) < 0)
            return -1;
        if (busy)
            add_own_time(x, now);
        got = channel_step(ch, x->deadline, !x->cancel_sent, busy, err);
        if (got < 0 && err->code == ETIMEDOUT)
            got = expire(x, err);
        if (got < 0)
            return -1;
        if (got > 0 && send_cancel(ch, x, err) < 0)
            return -1;
    }
}

/* The agent ended a call before all its input was sent: it discards what comes
 * until the end, so the end must be sent. */
static int
close_input(struct channel *ch, struct exchange *x, struct error *err)
{
    if (!x->call->stream_in || x->input_done)
        return 0;
    x->input_done = true;
    return channel_queue(ch, FRAME_ABORT, x->call->number, NULL, 0, err);
}

enum channel_result
channel_call(struct channel *ch, const struct channel_call *call,
    uint8_t **ret_reply, size_t *ret_size, struct error *err)
{
    struct exchange x = {.call = call, .free_slots = BULK_SLOTS};
    enum channel_result result = CHANNEL_BROKEN;

    if (ch->dead)
        return error_set(err, ESHUTDOWN, "the appliance is gone"),
               CHANNEL_BROKEN;
    ch->serial++;
    if (call->size > FRAME_MAX) {
        error_set(err, E2BIG, "the arguments take %zu bytes, more than %d",
            call->size, FRAME_MAX);
        return CHANNEL_FAILED;
    }
    sink_open(&x.sink, call->stream_out ? call->stream_fd : -1);
    if (call->stream_in)
        feed_open(&x.source, call->stream_fd);
    if (run_call(ch, &x, &result, err) < 0 || close_input(ch, &x, err) < 0) {
        ch->dead = true;
        result = CHANNEL_BROKEN;
    } else if (!x.broken.code && sink_finish(&x.sink) < 0) {
        error_errno(err, errno, "cannot write the host's file");
        result = CHANNEL_FAILED;
    } else if (x.broken.code) {
        error_move(err, &x.broken);
        result = CHANNEL_FAILED;
    } else if (result == CHANNEL_FAILED && x.cancel_sent) {
        error_set(err, ECANCELED, "cancelled");
    }
    error_clear(&x.broken);
    if (result == CHANNEL_DONE) {
        *ret_reply = x.reply;
        *ret_size = x.reply_size;
    } else {
        free(x.reply);
    }
    return result;
}
