/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Theory of operation: what a call takes hangs on it.  Memory comes from one
 * arena; what else must be given back is deferred, and done when the reply is
 * sent, whatever way the handler ended.  So a handler may be left at any
 * allocation by a jump (call_guard), and needs no checks for memory.
 *
 * The error may be set by the call's worker too, hence the lock. */
#include <config.h>

#include "appliance/agent/call/call.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "appliance/agent/call/inside.h"
#include "appliance/agent/call/port.h"
#include "base/clock.h"
#include "wire/frame.h"
#include "wire/hello.h"
#include "wire/wire.h"

enum { CALL_MEMORY = 512 << 20 }; /* bytes of memory one call may take */

/* --- errors --- */

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
    return c->flags & HELLO_NETWORK;
}

/* --- memory --- */

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
    if (!c->guarded)
        port_lost("no memory outside of a handler");
    longjmp(c->no_memory, 1);
}

bool
call_guard(struct call *c, void (*function)(void *opaque), void *opaque)
{
    bool done = false;

    c->guarded = true;
    if (setjmp(c->no_memory) == 0) {
        function(opaque);
        done = true;
    }
    c->guarded = false;
    return done;
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

/* --- progress, cancel --- */

bool
call_cancelled(struct call *c)
{
    struct frame f;

    /* The thread that reads the port notices it. */
    if (!pthread_equal(c->port_thread, pthread_self()))
        return c->cancelled;
    if (!c->cancelled)
        port_read_ready(c->port);
    for (size_t at = 0; !c->cancelled && port_frame_at(c->port, at, &f);
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

    /* Ten times a second is as much as anyone can read. */
    if (now - c->last_progress < 0.1)
        return;
    c->last_progress = now;
    wire_put_u64(&w, done);
    wire_put_u64(&w, total);
    if (!w.bad)
        call_answer(c, FRAME_PROGRESS, w.p, w.used);
    wire_writer_free(&w);
}

/* --- its life --- */

struct call *
call_new(
    struct port *port, const struct frame *f, uint32_t flags, bool stream_in)
{
    struct call *c = calloc(1, sizeof *c);

    if (!c)
        return NULL;
    pthread_mutex_init(&c->lock, NULL);
    c->port_thread = pthread_self();
    c->port = port;
    c->frame = *f;
    c->flags = flags;
    c->arena.cap = CALL_MEMORY;
    c->input_done = !stream_in;
    c->free_slots = BULK_SLOTS;
    return c;
}

void
call_free(struct call *c)
{
    run_deferred(c);
    wire_arena_free(&c->arena);
    pthread_mutex_destroy(&c->lock);
    free(c);
}

void
call_answer(struct call *c, enum frame_kind kind, const void *data, size_t size)
{
    port_send(c->port, kind, c->frame.call, c->frame.serial, data, size);
}
