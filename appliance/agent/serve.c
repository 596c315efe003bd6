/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Theory of operation: a loop over the frames of the port.  A CALL is decoded,
 * looked up, run and answered before the next frame is looked at, so further
 * calls simply wait in the port's buffer (call/port.c).
 *
 * The library is not trusted more than it trusts us: it is decoded by the
 * same bounded reader. */
#include <config.h>

#include "appliance/agent/serve.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/random.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>

#include "appliance/agent/call/call.h"
#include "appliance/agent/call/inside.h"
#include "appliance/agent/call/port.h"
#include "appliance/agent/call/stream.h"
#include "appliance/agent/call/worker.h"
#include "appliance/agent/dispatch.h"
#include "appliance/agent/kernel/network.h"
#include "appliance/agent/storage/disks.h"
#include "wire/frame.h"
#include "wire/hello.h"
#include "wire/wire.h"

struct server {
    struct port port;
    int random;
    uint32_t flags; /* HELLO_READ_ONLY and its like */
};

/* --- hello --- */

static void
credit_entropy(struct server *s, const uint8_t *entropy)
{
    /* struct rand_pool_info: bits, bytes, then the data. */
    struct {
        int entropy_count, buf_size;
        uint8_t data[HELLO_ENTROPY];
    } pool = {HELLO_ENTROPY * 8, HELLO_ENTROPY, {0}};

    memcpy(pool.data, entropy, HELLO_ENTROPY);
    if (ioctl(s->random, RNDADDENTROPY, &pool) < 0 ||
        ioctl(s->random, RNDRESEEDCRNG) < 0)
        port_lost("cannot add entropy");
}

static void
on_hello(struct server *s, const struct frame *f)
{
    struct wire_arena arena = {.cap = 4096};
    struct wire_reader r = {
        s->port.in + FRAME_HEADER, f->length, false, &arena};
    struct wire_writer w = {.cap = 4096};
    struct hello h;

    if (!hello_get(&r, &h))
        port_lost("malformed hello");
    credit_entropy(s, h.entropy);

    struct timespec t = {h.seconds, h.nanoseconds};
    clock_settime(CLOCK_REALTIME, &t);
    s->flags = h.flags;
    if (h.flags & HELLO_DEBUG)
        printf("agent: run %s\n", h.run_id);
    if (h.flags & HELLO_NETWORK)
        network_expect();

    /* build.sh looks for the words before it, to know for which library the
     * image is. */
    static const char marked[] = "mayfly-api " API_HASH;
    struct hello_answer a = {.hash = marked + sizeof "mayfly-api"};
    memcpy(a.nonce, h.nonce, sizeof a.nonce);
    hello_answer_put(&w, &a);
    port_send(&s->port, FRAME_HELLO, 0, f->serial, w.p, w.used);
    wire_writer_free(&w);
    wire_arena_free(&arena);
}

/* --- calls --- */

static void
send_error(struct call *c)
{
    struct wire_writer w = {.cap = FRAME_ERROR_MAX + 64};

    wire_put_i32(&w, call_errno(c));
    wire_put_string(&w, call_error_text(c), FRAME_ERROR_MAX);
    call_answer(c, FRAME_ERROR, w.p, w.used);
    wire_writer_free(&w);
}

static void
send_reply(struct call *c, const uint8_t *data, size_t size)
{
    while (size > FRAME_MAX) {
        call_answer(c, FRAME_PART, data, FRAME_MAX);
        data += FRAME_MAX;
        size -= FRAME_MAX;
    }
    call_answer(c, FRAME_REPLY, data, size);
}

struct handling {
    struct call *c;
    const struct dispatch *dispatch;
    struct wire_reader r;
    struct wire_writer w;
};

static void
run_handler(void *opaque)
{
    struct handling *h = opaque;
    struct call *c = h->c;

    if (h->dispatch->writes && (c->flags & HELLO_READ_ONLY)) {
        call_error(c, EROFS, "the handle is read-only");
        return;
    }
    switch (h->dispatch->function(c, &h->r, &h->w)) {
    case DISPATCH_DONE:
        if (h->w.bad)
            call_error(c, E2BIG, "the result is too large");
        break;
    case DISPATCH_FAILED:
        if (!call_errno(c))
            call_error(c, EIO, "failed without saying why");
        break;
    case DISPATCH_MALFORMED:
        call_error(c, EPROTO, "malformed arguments");
        break;
    }
}

static void
on_call(struct server *s, const struct frame *f)
{
    if (f->call == 0 || f->call >= API_CALLS)
        port_lost("unknown call");

    const struct dispatch *dispatch = &dispatch_table[f->call];
    struct call *c = call_new(&s->port, f, s->flags, dispatch->stream_in);
    uint8_t *arguments = malloc(f->length + 1);
    if (!c || !arguments)
        port_lost("no memory for a call");
    memcpy(arguments, s->port.in + FRAME_HEADER, f->length);
    struct handling h = {
        .c = c,
        .dispatch = dispatch,
        .r = {arguments, f->length, false, &c->arena},
        .w = {.cap = FRAME_REPLY_MAX},
    };
    port_drop(&s->port, f);

    if (!call_guard(c, run_handler, &h))
        call_error(c, ENOMEM, "no memory left in the appliance");
    worker_abandon(c);
    if (call_errno(c))
        send_error(c);
    else
        send_reply(c, h.w.p, h.w.used);
    stream_end(c);
    call_free(c);
    disks_call_ended();
    wire_writer_free(&h.w);
    free(arguments);
}

_Noreturn void
serve(int port)
{
    struct server s = {
        /* To open it takes a resumed appliance 5 ms. */
        .random = open("/dev/random", O_RDWR | O_CLOEXEC),
    };

    port_open(&s.port, port);
    if (s.random < 0)
        port_lost("no /dev/random");
    port_send(&s.port, FRAME_HELLO, 0, 0, NULL, 0);
    for (;;) {
        struct frame f;

        port_next(&s.port, &f);
        switch (f.kind) {
        case FRAME_HELLO:
            on_hello(&s, &f);
            port_drop(&s.port, &f);
            break;
        case FRAME_CALL:
            on_call(&s, &f);
            break;
        case FRAME_CANCEL:
        case FRAME_ABORT:
        case FRAME_TAKEN:
            /* Of a call that had ended already. */
            port_drop(&s.port, &f);
            break;
        default:
            port_lost("a frame out of turn");
        }
    }
}
