/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Theory of operation: one socket, non-blocking, and poll.  Output that does
 * not fit the socket is kept in `out`; input is gathered in `in` until a
 * frame is whole.  Bulk data goes past both (wire/frame.h).  channel_step waits
 * for either, so that the library never blocks on a write while the agent
 * blocks on one of its own.  A call sends its CALL frame, then turns in one
 * loop: give the agent DATA as long as the outgoing queue is short, take what
 * it says, until REPLY or ERROR.
 *
 * Cancelling: the wake file interrupts poll; the channel sends CANCEL once
 * and goes on waiting for the agent to end the call, CANCEL_GRACE seconds at
 * most, so that the handle stays usable after a cancelled download. */
#include <config.h>

#include "lib/rpc/channel.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/strv.h"
#include "codec.h"
#include "lib/rpc/sink.h"
#include "lib/rpc/feed.h"
#include "lib/rpc/zeroes.h"
#include "wire/hello.h"

enum {
    CANCEL_GRACE = 5,
    QUEUE_SHORT = 1 << 20, /* send no more DATA while this much waits */
    PROGRESS_MAX = 100000, /* progress frames that one call may send */
    BULK_SIZE = BULK_SLOT * BULK_SLOTS,
};

struct channel {
    int fd, wake;
    const atomic_bool *cancelled;
    uint32_t serial;
    bool dead;
    uint8_t nonce[HELLO_NONCE]; /* of the hello that was sent */

    int (*watched)(void *opaque); /* see channel_watch; NULL: nothing */
    void (*pump)(void *opaque);
    void *opaque;

    int bulk;       /* -1: none */
    uint8_t *slots; /* the bulk area, mapped when it is first used */

    uint8_t *out; /* bytes to be sent: out_start..out_end of out_room */
    size_t out_start, out_end, out_room;

    uint8_t in[FRAME_HEADER + FRAME_MAX];
    size_t in_used;
};

static double
now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

struct channel *
channel_new(int fd, int wake, const atomic_bool *cancelled, struct error *err)
{
    struct channel *ch = malloc(sizeof *ch);

    if (!ch)
        return error_set(err, ENOMEM, "no memory for the channel"), NULL;
    /* The large input buffer is not to be touched before it is used. */
    ch->fd = fd;
    ch->wake = wake;
    ch->cancelled = cancelled;
    ch->serial = 0;
    ch->dead = false;
    ch->watched = NULL;
    ch->bulk = -1;
    ch->slots = NULL;
    ch->out = NULL;
    ch->out_start = ch->out_end = ch->out_room = 0;
    ch->in_used = 0;

    int flags = fcntl(fd, F_GETFL);
    if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0) {
        free(ch);
        return error_errno(err, errno, "cannot set up the channel"), NULL;
    }
    return ch;
}

void
channel_free(struct channel *ch)
{
    if (ch && ch->slots)
        munmap(ch->slots, BULK_SIZE);
    if (ch)
        free(ch->out);
    free(ch);
}

void
channel_set_bulk(struct channel *ch, int fd)
{
    ch->bulk = fd;
}

void
channel_watch(struct channel *ch, int (*fd)(void *opaque),
    void (*pump)(void *opaque), void *opaque)
{
    ch->watched = fd;
    ch->pump = pump;
    ch->opaque = opaque;
}

/* --- sending --- */

static int
queue(struct channel *ch, const void *data, size_t size, struct error *err)
{
    if (ch->out_start == ch->out_end)
        ch->out_start = ch->out_end = 0;
    if (size > ch->out_room - ch->out_end) {
        size_t room = (ch->out_end + size) * 2;
        uint8_t *bigger = realloc(ch->out, room);

        if (!bigger)
            return error_set(err, ENOMEM, "no memory to send %zu bytes", size);
        ch->out = bigger;
        ch->out_room = room;
    }
    if (size > 0)
        memcpy(ch->out + ch->out_end, data, size);
    ch->out_end += size;
    return 0;
}

static int
queue_frame(struct channel *ch, enum frame_kind kind, uint16_t call,
    const void *data, size_t size, struct error *err)
{
    struct frame f = {
        .length = (uint32_t)size,
        .kind = (uint16_t)kind,
        .call = call,
        .serial = ch->serial,
    };
    uint8_t header[FRAME_HEADER];

    if (size > FRAME_MAX)
        return error_set(err, E2BIG,
            "the arguments take %zu bytes, more "
            "than %d",
            size, FRAME_MAX);
    frame_put(&f, header);
    if (queue(ch, header, sizeof header, err) < 0)
        return -1;
    return queue(ch, data, size, err);
}

static int
send_some(struct channel *ch, struct error *err)
{
    while (ch->out_start < ch->out_end) {
        ssize_t n = send(ch->fd, ch->out + ch->out_start,
            ch->out_end - ch->out_start, MSG_NOSIGNAL);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno == EAGAIN)
            return 0;
        if (n < 0)
            return error_errno(err, errno, "cannot send to the appliance");
        ch->out_start += (size_t)n;
    }
    return 0;
}

/* --- receiving --- */

/* The first frame in the buffer: 1 and *ret, 0 if it is not whole yet. */
static int
first_frame(struct channel *ch, struct frame *ret, struct error *err)
{
    struct frame f;

    if (ch->in_used < FRAME_HEADER)
        return 0;
    if (!frame_get(ch->in, &f))
        return error_set(err, EPROTO, "the appliance sent a malformed frame");
    if (ch->in_used - FRAME_HEADER < f.length)
        return 0;
    *ret = f;
    return 1;
}

static void
drop_frame(struct channel *ch, const struct frame *f)
{
    size_t n = FRAME_HEADER + (size_t)f->length;

    memmove(ch->in, ch->in + n, ch->in_used - n);
    ch->in_used -= n;
}

static int
receive_some(struct channel *ch, struct error *err)
{
    ssize_t n =
        recv(ch->fd, ch->in + ch->in_used, sizeof ch->in - ch->in_used, 0);

    if (n == 0)
        return error_set(err, ECONNRESET, "the appliance has stopped");
    if (n < 0 && errno != EINTR && errno != EAGAIN)
        return error_errno(err, errno, "cannot hear the appliance");
    if (n > 0)
        ch->in_used += (size_t)n;
    return 0;
}

/* Wait until something moves: bytes sent or received, or the wake file; only
 * look, without waiting, if BUSY.  DEADLINE 0: none.  Returns 1 if woken, 0
 * otherwise, -1 on failure. */
static int
step(struct channel *ch, double deadline, bool watch_wake, bool busy,
    struct error *err)
{
    struct pollfd p[3] = {
        {.fd = ch->fd, .events = POLLIN},
        {.fd = watch_wake ? ch->wake : -1, .events = POLLIN},
        {.fd = ch->watched ? ch->watched(ch->opaque) : -1, .events = POLLIN},
    };
    int wait = -1;

    if (send_some(ch, err) < 0)
        return -1;
    if (ch->out_start < ch->out_end)
        p[0].events |= POLLOUT;
    if (deadline > 0) {
        double left = deadline - now();

        if (left <= 0)
            return error_set(err, ETIMEDOUT,
                "the appliance gave no sign of "
                "life before its deadline");
        wait = (int)(left * 1000) + 1;
    }
    if (poll(p, N_ELEMENTS(p), busy ? 0 : wait) < 0) {
        if (errno == EINTR)
            return 0;
        return error_errno(err, errno, "cannot wait for the appliance");
    }
    if (p[2].revents)
        ch->pump(ch->opaque);
    if (watch_wake && ch->cancelled && atomic_load(ch->cancelled))
        return 1;
    if (p[0].revents & (POLLIN | POLLHUP | POLLERR))
        return receive_some(ch, err);
    return 0;
}

/* --- hello --- */

static int
wait_frame(
    struct channel *ch, struct frame *ret, double deadline, struct error *err)
{
    for (;;) {
        int got = first_frame(ch, ret, err);

        if (got != 0)
            return got < 0 ? -1 : 0;
        got = step(ch, deadline, true, false, err);
        if (got < 0)
            return -1;
        if (got > 0)
            return error_set(err, ECANCELED, "cancelled");
    }
}

static int
check_answer(struct channel *ch, const struct frame *f, struct error *err)
{
    struct wire_arena arena = {.cap = 4096};
    struct wire_reader r = {ch->in + FRAME_HEADER, f->length, false, &arena};
    struct hello_answer answer;
    int result = 0;

    if (f->kind != FRAME_HELLO || !hello_answer_get(&r, &answer))
        result = error_set(err, EPROTO,
            "the appliance gave no good answer "
            "to hello");
    else if (memcmp(answer.nonce, ch->nonce, HELLO_NONCE) != 0)
        result = error_set(err, EPROTO,
            "the appliance answered somebody "
            "else's hello");
    else if (!str_equal(answer.hash, API_HASH))
        result = error_set(err, EUCLEAN,
            "the appliance was made by another "
            "build of mayfly: run "
            "'mayfly-appliance build'");
    wire_arena_free(&arena);
    return result;
}

int
channel_greet(
    struct channel *ch, const char *run_id, uint32_t flags, struct error *err)
{
    struct hello h = {.flags = flags, .run_id = run_id};
    struct wire_writer w = {.cap = 4096};
    struct timespec t;

    clock_gettime(CLOCK_REALTIME, &t);
    h.seconds = t.tv_sec;
    h.nanoseconds = (uint32_t)t.tv_nsec;
    if (getrandom(h.nonce, sizeof h.nonce, 0) != sizeof h.nonce ||
        getrandom(h.entropy, sizeof h.entropy, 0) != sizeof h.entropy)
        return error_errno(err, errno, "no random bytes");
    memcpy(ch->nonce, h.nonce, sizeof ch->nonce);
    hello_put(&w, &h);

    int result = w.bad ? error_set(err, ENOMEM, "cannot make the hello")
                       : queue_frame(ch, FRAME_HELLO, 0, w.p, w.used, err);
    wire_writer_free(&w);
    if (result < 0 || send_some(ch, err) < 0) {
        ch->dead = true;
        return -1;
    }
    return 0;
}

int
channel_hello(struct channel *ch, double timeout, struct error *err)
{
    struct frame f = {0};

    if (wait_frame(ch, &f, now() + timeout, err) < 0 ||
        check_answer(ch, &f, err) < 0) {
        ch->dead = true;
        return -1;
    }
    drop_frame(ch, &f);
    return 0;
}

/* --- calls --- */

/* What one call is about, while it lasts. */
struct turn {
    const struct channel_call *call;
    double deadline;
    bool cancel_sent;
    bool input_done;     /* END or ABORT is queued */
    unsigned progress;   /* frames so far */
    struct error broken; /* of the host's file: told when the call has ended */
    struct sink sink;
    struct feed source;
    unsigned slot, free_slots; /* the next to fill, and how many may be */
    uint8_t *reply;
    size_t reply_size;
};

static void
renew(struct turn *t)
{
    if (!t->cancel_sent)
        t->deadline = t->call->timeout ? now() + t->call->timeout : 0;
}

static int
send_cancel(struct channel *ch, struct turn *t, struct error *err)
{
    t->cancel_sent = true;
    t->deadline = now() + CANCEL_GRACE;
    if (t->call->stream_in && !t->input_done) {
        t->input_done = true;
        return queue_frame(ch, FRAME_ABORT, t->call->number, NULL, 0, err);
    }
    return queue_frame(ch, FRAME_CANCEL, t->call->number, NULL, 0, err);
}

/* The bulk area in our memory; NULL: do without. */
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
queue_hole(
    struct channel *ch, const struct turn *t, uint64_t hole, struct error *err)
{
    uint8_t data[BULK_HOLE];

    bulk_hole_put(hole, data);
    return queue_frame(ch, FRAME_HOLE, t->call->number, data, sizeof data, err);
}

static int
queue_piece(struct channel *ch, const struct turn *t, size_t at, size_t size,
    bool last, struct error *err)
{
    struct bulk_piece b = {
        .offset = (uint32_t)(t->slot * BULK_SLOT + at),
        .length = (uint32_t)size,
        .last = last,
    };
    uint8_t data[BULK_PIECE];

    bulk_piece_put(&b, data);
    return queue_frame(ch, FRAME_BULK, t->call->number, data, sizeof data, err);
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

/* Where the last of what is not zeroes ends. */
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
send_slot(struct channel *ch, struct turn *t, size_t size, struct error *err)
{
    const uint8_t *p = ch->slots + (size_t)t->slot * BULK_SLOT;
    size_t end = t->source.zeroes ? size : end_of_data(p, size), n = size;
    bool zeroes = false;

    for (size_t at = 0; at < size; at += n) {
        if (!t->source.zeroes)
            n = run_length(p + at, size - at, &zeroes);
        if ((zeroes ? queue_hole(ch, t, n, err)
                    : queue_piece(ch, t, at, n, at + n == end, err)) < 0)
            return -1;
    }
    if (end > 0) {
        t->slot = (t->slot + 1) % BULK_SLOTS;
        t->free_slots--;
    }
    return 0;
}

/* Queue what comes next of a stream in. */
static int
feed(struct channel *ch, struct turn *t, struct error *err)
{
    cleanup_free uint8_t *chunk = NULL;
    uint8_t *data = map_slots(ch) ? ch->slots + t->slot * BULK_SLOT
                                  : (chunk = malloc(FRAME_DATA));
    uint64_t hole;

    if (!data)
        return error_set(err, ENOMEM, "no memory to send a file");

    ssize_t n =
        feed_read(&t->source, data, chunk ? FRAME_DATA : BULK_SLOT, &hole);
    if (hole > 0)
        return queue_hole(ch, t, hole, err);
    if (n >= BULK_LEAST && !chunk)
        return send_slot(ch, t, (size_t)n, err);
    if (n > 0)
        return queue_frame(
            ch, FRAME_DATA_CHUNK, t->call->number, data, (size_t)n, err);
    t->input_done = true;
    if (n < 0)
        error_errno(&t->broken, errno, "cannot read the host's file");
    return queue_frame(
        ch, n < 0 ? FRAME_ABORT : FRAME_END, t->call->number, NULL, 0, err);
}

static int
take_part(struct channel *ch, struct turn *t, const struct frame *f,
    struct error *err)
{
    if (f->length > FRAME_REPLY_MAX - t->reply_size)
        return error_set(err, EPROTO, "the appliance's reply is too long");

    uint8_t *bigger = realloc(t->reply, t->reply_size + f->length + 1);
    if (!bigger)
        return error_set(err, ENOMEM, "no memory for the reply");
    memcpy(bigger + t->reply_size, ch->in + FRAME_HEADER, f->length);
    t->reply = bigger;
    t->reply_size += f->length;
    return 0;
}

static void
take_data(struct turn *t, const void *data, size_t size)
{
    if (!t->broken.code && sink_write(&t->sink, data, size) < 0)
        error_errno(&t->broken, errno, "cannot write the host's file");
}

static int
take_bulk(struct channel *ch, struct turn *t, const struct frame *f,
    struct error *err)
{
    struct bulk_piece b;

    if (!bulk_piece_get(ch->in + FRAME_HEADER, f->length, &b) || !map_slots(ch))
        return error_set(err, EPROTO, "the appliance sent a bad bulk frame");
    take_data(t, ch->slots + b.offset, b.length);
    return b.last ? queue_frame(ch, FRAME_TAKEN, t->call->number, NULL, 0, err)
                  : 0;
}

/* Into a pipe the zeroes have to be written, which may take its time. */
static int
take_hole(struct channel *ch, struct turn *t, const struct frame *f,
    struct error *err)
{
    uint64_t left;

    if (!bulk_hole_get(ch->in + FRAME_HEADER, f->length, &left))
        return error_set(err, EPROTO, "the appliance sent a bad hole");
    while (left > 0 && !t->broken.code &&
           !(ch->cancelled && atomic_load(ch->cancelled))) {
        uint64_t n = t->sink.sparse || left < BULK_SLOT ? left : BULK_SLOT;

        if (sink_hole(&t->sink, n) < 0)
            error_errno(&t->broken, errno, "cannot write the host's file");
        left -= n;
    }
    return 0;
}

static int
take_taken(struct turn *t, const struct frame *f, struct error *err)
{
    if (f->length > 0 || t->free_slots >= BULK_SLOTS)
        return error_set(err, EPROTO, "the appliance took what it did not get");
    t->free_slots++;
    return 0;
}

/* The agent's error: i32 errno value, string. */
static int
take_error(struct channel *ch, const struct frame *f, struct error *err)
{
    struct wire_arena arena = {.cap = 4 * FRAME_ERROR_MAX};
    struct wire_reader r = {ch->in + FRAME_HEADER, f->length, false, &arena};
    int code = wire_get_i32_range(&r, 1, 4095);
    char *text = wire_get_string(&r, FRAME_ERROR_MAX);
    cleanup_free char *safe = wire_finish(&r) ? text_escape(text) : NULL;

    wire_arena_free(&arena);
    if (!safe)
        return error_set(err, EPROTO, "the appliance sent a malformed error");
    error_set(err, code, "%s", safe);
    return 0;
}

static int
take_progress(struct channel *ch, struct turn *t, const struct frame *f,
    struct error *err)
{
    struct wire_arena arena = {0};
    struct wire_reader r = {ch->in + FRAME_HEADER, f->length, false, &arena};
    uint64_t done = wire_get_u64(&r), total = wire_get_u64(&r);

    if (!wire_finish(&r) || ++t->progress > PROGRESS_MAX)
        return error_set(err, EPROTO, "the appliance sent bad progress");
    if (t->call->progress)
        t->call->progress(t->call->opaque, done, total);
    return 0;
}

/* One frame during a call.  Returns 1 if the call has ended with *ret. */
static int
take_frame(struct channel *ch, struct turn *t, const struct frame *f,
    enum channel_result *ret, struct error *err)
{
    if (f->serial != ch->serial || f->call != t->call->number)
        return error_set(err, EPROTO,
            "the appliance answered a call that "
            "was not made");
    /* The true agent sends none; without end they would cost no memory. */
    if (f->length == 0 &&
        (f->kind == FRAME_PART || f->kind == FRAME_DATA_CHUNK))
        return error_set(err, EPROTO, "the appliance sent an empty frame");
    renew(t);
    switch (f->kind) {
    case FRAME_PART:
        return take_part(ch, t, f, err);
    case FRAME_REPLY:
        *ret = CHANNEL_DONE;
        return take_part(ch, t, f, err) < 0 ? -1 : 1;
    case FRAME_ERROR:
        *ret = CHANNEL_FAILED;
        return take_error(ch, f, err) < 0 ? -1 : 1;
    case FRAME_PROGRESS:
        return take_progress(ch, t, f, err);
    case FRAME_DATA_CHUNK:
        if (!t->call->stream_out)
            break;
        take_data(t, ch->in + FRAME_HEADER, f->length);
        return 0;
    case FRAME_BULK:
        if (!t->call->stream_out)
            break;
        return take_bulk(ch, t, f, err);
    case FRAME_HOLE:
        if (!t->call->stream_out)
            break;
        return take_hole(ch, t, f, err);
    case FRAME_TAKEN:
        if (!t->call->stream_in)
            break;
        return take_taken(t, f, err);
    default:
        break;
    }
    return error_set(err, EPROTO,
        "the appliance sent a frame of kind %u "
        "out of turn",
        f->kind);
}

static int
run_call(struct channel *ch, struct turn *t, enum channel_result *ret,
    struct error *err)
{
    const struct channel_call *call = t->call;

    if (queue_frame(
            ch, FRAME_CALL, call->number, call->arguments, call->size, err) < 0)
        return -1;
    renew(t);
    for (;;) {
        struct frame f;
        int got = first_frame(ch, &f, err);

        if (got < 0)
            return -1;
        if (got > 0) {
            got = take_frame(ch, t, &f, ret, err);
            if (got < 0)
                return -1;
            drop_frame(ch, &f);
            if (got > 0)
                return 0;
            /* The host's disk is full: no use in hearing the rest. */
            if (t->broken.code && !t->cancel_sent &&
                send_cancel(ch, t, err) < 0)
                return -1;
            continue;
        }
        /* Sent first: a queue that becomes empty while we wait would not be
         * filled again. */
        if (send_some(ch, err) < 0)
            return -1;
        bool busy = call->stream_in && !t->input_done && t->free_slots > 0 &&
                    ch->out_end - ch->out_start < QUEUE_SHORT;
        if (busy && feed(ch, t, err) < 0)
            return -1;
        got = step(ch, t->deadline, !t->cancel_sent, busy, err);
        if (got < 0)
            return -1;
        if (got > 0 && send_cancel(ch, t, err) < 0)
            return -1;
    }
}

/* The agent ended a call whose stream in is not all sent: it throws away
 * what comes until the end, so the end must be sent. */
static int
close_input(struct channel *ch, struct turn *t, struct error *err)
{
    if (!t->call->stream_in || t->input_done)
        return 0;
    t->input_done = true;
    return queue_frame(ch, FRAME_ABORT, t->call->number, NULL, 0, err);
}

enum channel_result
channel_call(struct channel *ch, const struct channel_call *call,
    uint8_t **ret_reply, size_t *ret_size, struct error *err)
{
    struct turn t = {.call = call, .free_slots = BULK_SLOTS};
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
    sink_open(&t.sink, call->stream_out ? call->stream_fd : -1);
    if (call->stream_in)
        feed_open(&t.source, call->stream_fd);
    if (run_call(ch, &t, &result, err) < 0 || close_input(ch, &t, err) < 0) {
        ch->dead = true;
        result = CHANNEL_BROKEN;
    } else if (!t.broken.code && sink_finish(&t.sink) < 0) {
        error_errno(err, errno, "cannot write the host's file");
        result = CHANNEL_FAILED;
    } else if (t.broken.code) {
        error_move(err, &t.broken);
        result = CHANNEL_FAILED;
    } else if (result == CHANNEL_FAILED && t.cancel_sent) {
        error_set(err, ECANCELED, "cancelled");
    }
    error_clear(&t.broken);
    if (result == CHANNEL_DONE) {
        *ret_reply = t.reply;
        *ret_size = t.reply_size;
    } else {
        free(t.reply);
    }
    return result;
}
