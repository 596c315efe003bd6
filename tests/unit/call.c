/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "tests/unit/call.h"

#include <stdio.h>
#include <stdlib.h>

struct deferred {
    struct deferred *next;
    void (*function)(void *opaque);
    void *opaque;
};

struct call {
    struct wire_arena arena;
    struct deferred *deferred;
    int code;
    char error[4096];
};

volatile sig_atomic_t test_cancelled;

struct call *
test_call_new(void)
{
    struct call *c = calloc(1, sizeof *c);

    if (!c)
        abort();
    c->arena.cap = 256 << 20;
    return c;
}

void
test_call_free(struct call *c)
{
    for (struct deferred *d = c->deferred; d; d = d->next)
        d->function(d->opaque);
    wire_arena_free(&c->arena);
    free(c);
}

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
    (void)c;
    abort();
}

void
call_defer(struct call *c, void (*function)(void *opaque), void *opaque)
{
    struct deferred *d = call_alloc(c, sizeof *d);

    *d = (struct deferred){c->deferred, function, opaque};
    c->deferred = d;
}

__attribute__((format(printf, 3, 0))) static int
set_error(struct call *c, int code, const char *format, va_list args)
{
    c->code = code;
    vsnprintf(c->error, sizeof c->error, format, args);
    return -1;
}

int
call_error(struct call *c, int code, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    set_error(c, code, format, args);
    va_end(args);
    return -1;
}

int
call_fail(struct call *c, int code, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    set_error(c, code, format, args);
    va_end(args);
    size_t n = strlen(c->error);
    snprintf(c->error + n, sizeof c->error - n, ": %s", strerror(code));
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
}

bool
call_cancelled(struct call *c)
{
    if (test_cancelled)
        call_error(c, ECANCELED, "cancelled");
    return test_cancelled;
}
