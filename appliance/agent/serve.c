/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Theory of operation: one port, read into one buffer that always holds the
 * frames that were heard and not yet used.  The loop takes the first frame;
 * a CALL is decoded, looked up, run and answered before the next is looked
 * at, so further calls simply wait in the buffer.  While a handler runs it
 * may look ahead for a CANCEL of its own call (call_cancelled) or take the
 * frames of its stream (stream.c); nothing else of the buffer is touched.
 *
 * The library is not trusted more than it trusts us: it is decoded by the
 * same bounded reader, and a malformed frame ends the appliance, since there
 * is no way to find one's place in the stream again. */
#include <config.h>

#include "appliance/agent/agent.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/random.h>
#include <poll.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "appliance/agent/call.h"
#include "appliance/agent/dispatch.h"
#include "appliance/agent/serve.h"
#include "wire/frame.h"
#include "wire/hello.h"
#include "base/clock.h"

enum {
    CALL_MEMORY = 512 << 20, /* bytes of memory one call may take */
    INPUT_ROOM = 2 * (FRAME_HEADER + FRAME_MAX),
    WRITE_MAX = 256 << 10, /* one write to the port: what the driver takes */
};

/* --- the port --- */

/* The library is gone, or talks nonsense: there is nothing left to do. */
_Noreturn void
server_lost(const char *why)
{
    printf("agent: %s\n", why);
    agent_power_off();
}

void
server_read(struct server *s)
{
    ssize_t n;

    do
        n = read(s->port, s->in + s->in_used, INPUT_ROOM - s->in_used);
    while (n < 0 && errno == EINTR);
    if (n < 0 && errno == EAGAIN) {
        struct pollfd p = {.fd = s->port, .events = POLLIN};

        poll(&p, 1, -1);
        return;
    }
    if (n <= 0)
        server_lost("the library has hung up");
    s->in_used += (size_t)n;
}

bool
server_frame_at(struct server *s, size_t offset, struct frame *ret)
{
    if (s->in_used - offset < FRAME_HEADER)
        return false;
    if (!frame_get(s->in + offset, ret))
        server_lost("malformed frame");
    return s->in_used - offset - FRAME_HEADER >= ret->length;
}

void
server_next(struct server *s, struct frame *ret)
{
    while (!server_frame_at(s, 0, ret))
        server_read(s);
}

void
server_drop(struct server *s, const struct frame *f)
{
    size_t n = FRAME_HEADER + (size_t)f->length;

    memmove(s->in, s->in + n, s->in_used - n);
    s->in_used -= n;
}

static void
write_port(struct server *s, const void *data, size_t size)
{
    for (size_t done = 0; done < size;) {
        size_t n = size - done < WRITE_MAX ? size - done : WRITE_MAX;
        ssize_t k = write(s->port, (const uint8_t *)data + done, n);

        if (k < 0 && errno == EINTR)
            continue;
        if (k < 0 && errno == EAGAIN) {
            struct pollfd p = {.fd = s->port, .events = POLLOUT};

            poll(&p, 1, -1);
            continue;
        }
        if (k <= 0)
            server_lost("cannot write to the port");
        done += (size_t)k;
    }
}

static void
send_frame(struct server *s, enum frame_kind kind, uint16_t call,
    uint32_t serial, const void *data, size_t size)
{
    struct frame f = {(uint32_t)size, (uint16_t)kind, call, serial};

    frame_put(&f, s->out);
    if (size <= FRAME_DATA) {
        /* One write, one notification of the host. */
        if (size > 0)
            memcpy(s->out + FRAME_HEADER, data, size);
        write_port(s, s->out, FRAME_HEADER + size);
        return;
    }
    write_port(s, s->out, FRAME_HEADER);
    write_port(s, data, size);
}

void
call_answer(struct call *c, enum frame_kind kind, const void *data, size_t size)
{
    send_frame(c->server, kind, c->frame.call, c->frame.serial, data, size);
}

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
        server_lost("cannot add entropy");
}

static void
on_hello(struct server *s, const struct frame *f)
{
    struct wire_arena arena = {.cap = 4096};
    struct wire_reader r = {s->in + FRAME_HEADER, f->length, false, &arena};
    struct wire_writer w = {.cap = 4096};
    struct hello h;

    if (!hello_get(&r, &h))
        server_lost("malformed hello");
    credit_entropy(s, h.entropy);

    struct timespec t = {h.seconds, h.nanoseconds};
    clock_settime(CLOCK_REALTIME, &t);
    s->flags = h.flags;
    if (h.flags & HELLO_DEBUG)
        printf("agent: run %s\n", h.run_id);
    if (h.flags & HELLO_NETWORK)
        agent_start_network();

    struct hello_answer a = {.hash = API_HASH};
    memcpy(a.nonce, h.nonce, sizeof a.nonce);
    hello_answer_put(&w, &a);
    send_frame(s, FRAME_HELLO, 0, f->serial, w.p, w.used);
    wire_writer_free(&w);
    wire_arena_free(&arena);
}

/* --- errors of a call --- */

__attribute__((format(printf, 3, 0))) static void
set_error(struct call *c, int code, const char *format, va_list args)
{
    c->code = code > 0 ? code : EIO;
    vsnprintf(c->error, sizeof c->error, format, args);
}

int
call_error(struct call *c, int code, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    pthread_mutex_lock(&c->lock);
    set_error(c, code, format, args);
    pthread_mutex_unlock(&c->lock);
    va_end(args);
    return -1;
}

int
call_fail(struct call *c, int code, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    pthread_mutex_lock(&c->lock);
    set_error(c, code, format, args);
    size_t n = strlen(c->error);
    snprintf(c->error + n, sizeof c->error - n, ": %s", strerror(c->code));
    pthread_mutex_unlock(&c->lock);
    va_end(args);
    return -1;
}

int
call_errno(const struct call *c)
{
    return c->code;
}

const char *
call_error_text(const struct call *c)
{
    return c->code ? c->error : "";
}

void
call_forgive(struct call *c)
{
    c->code = 0;
    c->error[0] = 0;
}

bool
call_network(const struct call *c)
{
    return c->server->flags & HELLO_NETWORK;
}

bool
call_debug(const struct call *c)
{
    return c->server->flags & HELLO_DEBUG;
}

/* --- memory of a call --- */

void *
call_alloc(struct call *c, size_t size)
{
    void *p = wire_arena_alloc(&c->arena, size);

    if (!p)
        call_no_memory(c);
    return p;
}

void
call_no_memory(struct call *c)
{
    longjmp(c->no_memory, 1);
}

/* --- what is to be undone at the end of the call --- */

struct deferred {
    struct deferred *next;
    void (*function)(void *opaque);
    void *opaque;
};

void
call_defer(struct call *c, void (*function)(void *opaque), void *opaque)
{
    struct deferred *d = call_alloc(c, sizeof *d);

    *d = (struct deferred){c->deferred, function, opaque};
    c->deferred = d;
}

static void
run_deferred(struct call *c)
{
    for (struct deferred *d = c->deferred; d; d = d->next)
        d->function(d->opaque);
}

/* --- streams, progress, cancel --- */

bool
call_cancelled(struct call *c)
{
    struct server *s = c->server;
    struct pollfd p = {.fd = s->port, .events = POLLIN};
    struct frame f;

    /* The thread that reads the port will tell. */
    if (!pthread_equal(c->port_thread, pthread_self()))
        return c->cancelled;
    if (!c->cancelled && s->in_used < INPUT_ROOM && poll(&p, 1, 0) > 0 &&
        (p.revents & (POLLIN | POLLHUP)))
        server_read(s);
    for (size_t at = 0; !c->cancelled && server_frame_at(s, at, &f);
         at += FRAME_HEADER + f.length) {
        if ((f.kind == FRAME_CANCEL || f.kind == FRAME_ABORT) &&
            f.serial == c->frame.serial)
            c->cancelled = true;
    }
    if (c->cancelled && !c->code)
        call_error(c, ECANCELED, "cancelled");
    return c->cancelled;
}

void
call_progress(struct call *c, uint64_t done, uint64_t total)
{
    struct wire_writer w = {.cap = 64};
    double now = monotonic_seconds();

    /* Ten times a second is as much as anybody can read. */
    if (now - c->last_progress < 0.1)
        return;
    c->last_progress = now;
    wire_put_u64(&w, done);
    wire_put_u64(&w, total);
    if (!w.bad)
        call_answer(c, FRAME_PROGRESS, w.p, w.used);
    wire_writer_free(&w);
}

/* --- calls --- */

static void
send_error(struct call *c)
{
    struct wire_writer w = {.cap = FRAME_ERROR_MAX + 64};

    wire_put_i32(&w, c->code);
    wire_put_string(&w, c->error, FRAME_ERROR_MAX);
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

static void
run_handler(struct call *c, struct wire_reader *r, struct wire_writer *w)
{
    const struct dispatch *d = c->dispatch;

    if (d->writes && (c->server->flags & HELLO_READ_ONLY)) {
        call_error(c, EROFS, "the handle is read-only");
        return;
    }
    switch (d->function(c, r, w)) {
    case DISPATCH_DONE:
        if (w->bad)
            call_error(c, E2BIG, "the result is too large");
        break;
    case DISPATCH_FAILED:
        if (!c->code)
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
        server_lost("unknown call");

    struct call *c = calloc(1, sizeof *c);
    uint8_t *arguments = malloc(f->length + 1);
    /* Off the stack, so that longjmp finds it as it is. */
    struct wire_writer *w = calloc(1, sizeof *w);
    if (!c || !arguments || !w)
        server_lost("no memory for a call");
    memcpy(arguments, s->in + FRAME_HEADER, f->length);
    pthread_mutex_init(&c->lock, NULL);
    c->port_thread = pthread_self();
    c->server = s;
    c->dispatch = &dispatch_table[f->call];
    c->frame = *f;
    c->arena.cap = CALL_MEMORY;
    c->input_done = !c->dispatch->stream_in;
    c->free_slots = BULK_SLOTS;
    w->cap = FRAME_REPLY_MAX;
    server_drop(s, f);

    struct wire_reader r = {arguments, f->length, false, &c->arena};
    if (setjmp(c->no_memory) == 0)
        run_handler(c, &r, w);
    else
        call_error(c, ENOMEM, "no memory left in the appliance");
    if (c->worker)
        worker_abandon(c->worker);

    if (c->code)
        send_error(c);
    else
        send_reply(c, w->p, w->used);
    stream_end(c);
    run_deferred(c);
    disks_call_ended();
    wire_writer_free(w);
    free(w);
    wire_arena_free(&c->arena);
    free(arguments);
    pthread_mutex_destroy(&c->lock);
    free(c);
}

int
serve(int port)
{
    struct server s = {
        .port = port,
        /* To open it takes a resumed appliance 5 ms. */
        .random = open("/dev/random", O_RDWR | O_CLOEXEC),
        .in = malloc(INPUT_ROOM),
        .out = malloc(FRAME_HEADER + FRAME_DATA),
    };

    if (!s.in || !s.out)
        server_lost("no memory");
    if (s.random < 0)
        server_lost("no /dev/random");
    /* Touched now, in the template, and not by every resumed appliance. */
    memset(s.in, 0, INPUT_ROOM);
    memset(s.out, 0, FRAME_HEADER + FRAME_DATA);
    send_frame(&s, FRAME_HELLO, 0, 0, NULL, 0);
    for (;;) {
        struct frame f;

        server_next(&s, &f);
        switch (f.kind) {
        case FRAME_HELLO:
            on_hello(&s, &f);
            server_drop(&s, &f);
            break;
        case FRAME_CALL:
            on_call(&s, &f);
            break;
        case FRAME_CANCEL:
        case FRAME_ABORT:
        case FRAME_TAKEN:
            /* Of a call that had ended already. */
            server_drop(&s, &f);
            break;
        default:
            server_lost("a frame out of turn");
        }
    }
}
