/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Theory of operation: one socket, non-blocking, and poll.  Output that does
 * not fit the socket is kept in `out`; input is gathered in `in` until a
 * frame is whole.  channel_step waits for either, so that the library never
 * blocks on a write while the agent blocks on one of its own. */
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
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/strv.h"
#include "codec.h"
#include "lib/rpc/exchange.h"

struct channel *
channel_new(int fd, int wake, const atomic_uint *cancelled, struct error *err)
{
    struct channel *ch = malloc(sizeof *ch);

    if (!ch)
        return error_set(err, ENOMEM, "no memory for the channel"), NULL;
    /* Do not touch the large input buffer before it is used. */
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

int
channel_queue(struct channel *ch, enum frame_kind kind, uint16_t call,
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

int
channel_send(struct channel *ch, struct error *err)
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
        /* Keys pass through here, and a core file may be written. */
        explicit_bzero(ch->out + ch->out_start, (size_t)n);
        ch->out_start += (size_t)n;
    }
    return 0;
}

/* --- receiving --- */

int
channel_first(struct channel *ch, struct frame *ret, struct error *err)
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

void
channel_drop(struct channel *ch, const struct frame *f)
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
        return error_errno(err, errno, "cannot receive from the appliance");
    if (n > 0)
        ch->in_used += (size_t)n;
    return 0;
}

int
channel_step(struct channel *ch, double deadline, bool watch_wake, bool busy,
    struct error *err)
{
    struct pollfd p[3] = {
        {.fd = ch->fd, .events = POLLIN},
        {.fd = watch_wake ? ch->wake : -1, .events = POLLIN},
        {.fd = ch->watched ? ch->watched(ch->opaque) : -1, .events = POLLIN},
    };
    int wait = -1;

    if (channel_send(ch, err) < 0)
        return -1;
    if (ch->out_start < ch->out_end)
        p[0].events |= POLLOUT;
    if (deadline > 0) {
        double left = deadline - monotonic_seconds();

        if (left <= 0)
            return error_set(
                err, ETIMEDOUT, "the appliance did not answer in time");
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
        int got = channel_first(ch, ret, err);

        if (got != 0)
            return got < 0 ? -1 : 0;
        got = channel_step(ch, deadline, true, false, err);
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
        result = error_set(
            err, EPROTO, "the appliance gave an invalid answer to hello");
    else if (memcmp(answer.nonce, ch->nonce, HELLO_NONCE) != 0)
        result = error_set(err, EPROTO, "the appliance answered another hello");
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

    int result = w.bad ? error_set(err, ENOMEM, "cannot encode the hello")
                       : channel_queue(ch, FRAME_HELLO, 0, w.p, w.used, err);
    wire_writer_free(&w);
    if (result < 0 || channel_send(ch, err) < 0) {
        ch->dead = true;
        return -1;
    }
    return 0;
}

int
channel_hello(struct channel *ch, double timeout, struct error *err)
{
    struct frame f = {0};

    if (wait_frame(ch, &f, monotonic_seconds() + timeout, err) < 0 ||
        check_answer(ch, &f, err) < 0) {
        ch->dead = true;
        return -1;
    }
    channel_drop(ch, &f);
    return 0;
}
