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
        abort();
    return p;
}

char *
call_strndup(struct call *c, const char *s, size_t n)
{
    size_t size = strnlen(s, n);

    return memcpy(call_alloc(c, size + 1), s, size);
}

char *
call_strdup(struct call *c, const char *s)
{
    return call_strndup(c, s, strlen(s));
}

char *
call_printf(struct call *c, const char *format, ...)
{
    va_list args;
    char *text = NULL;

    va_start(args, format);
    int n = vasprintf(&text, format, args);
    va_end(args);
    if (n < 0)
        abort();
    char *copy = call_strdup(c, text);
    free(text);
    return copy;
}

void *
list_add_size(struct call *c, struct list *l, size_t size)
{
    if (l->n + 1 >= l->room) {
        uint32_t room = l->room ? l->room * 2 : 16;
        void *bigger = call_alloc(c, room * size);

        if (l->n > 0)
            memcpy(bigger, l->items, l->n * size);
        l->items = bigger;
        l->room = room;
    }
    return (uint8_t *)l->items + size * l->n++;
}

void
list_add_string(struct call *c, struct list *l, const char *s)
{
    *list_add(c, l, char *) = call_strdup(c, s);
}

void
call_defer(struct call *c, void (*function)(void *opaque), void *opaque)
{
    struct deferred *d = call_alloc(c, sizeof *d);

    *d = (struct deferred){c->deferred, function, opaque};
    c->deferred = d;
}

static void
close_deferred(void *opaque)
{
    close((int)(intptr_t)opaque);
}

void
call_defer_close(struct call *c, int fd)
{
    call_defer(c, close_deferred, (void *)(intptr_t)fd);
}

static int
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
