/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Errors and their handlers.
 *
 * By the contract of guestfs.h both belong to the thread: programs ask for the
 * last error after a call, or push a handler around a call, without a lock of
 * their own.  The structures of all threads live until the handle is closed,
 * since a key cannot free them. */
#include <config.h>

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "compat/call.h"

/* The contract of guestfs.h: by default errors are printed. */
static void
print_error(guestfs_h *g, void *opaque, const char *text)
{
    (void)g;
    (void)opaque;
    fprintf(stderr, "libguestfs: error: %s\n", text);
}

int
error_handlers_init(guestfs_h *g)
{
    if (pthread_key_create(&g->errors_key, NULL) != 0)
        return -1;
    g->errors.handler.callback = print_error;
    pthread_setspecific(g->errors_key, &g->errors);
    g->abort = abort;
    return 0;
}

static void
clear(struct thread_errors *e)
{
    free(e->handlers);
    free(e->last);
}

void
error_handlers_free(guestfs_h *g)
{
    for (struct thread_errors *e = g->errors.next, *next; e; e = next) {
        next = e->next;
        clear(e);
        free(e);
    }
    clear(&g->errors);
    pthread_key_delete(g->errors_key);
}

/* Without memory, a thread shares those of the first. */
static struct thread_errors *
errors_here(guestfs_h *g)
{
    struct thread_errors *e = pthread_getspecific(g->errors_key);

    if (e)
        return e;
    e = calloc(1, sizeof *e);
    if (!e || pthread_setspecific(g->errors_key, e) != 0) {
        free(e);
        return &g->errors;
    }
    e->handler.callback = print_error;
    e->next = g->errors.next;
    g->errors.next = e;
    return e;
}

static const char *
remember(struct thread_errors *e, int code, char *text)
{
    free(e->last);
    e->last = text;
    e->number = code;
    return text ? text : "out of memory";
}

int
call_error(guestfs_h *g, int code, const char *format, ...)
{
    struct thread_errors *e = errors_here(g);
    const char *last;
    char *text;
    va_list args;

    va_start(args, format);
    if (vasprintf(&text, format, args) < 0)
        text = NULL;
    va_end(args);
    last = remember(e, code, text);
    if (e->handler.callback)
        e->handler.callback(g, e->handler.opaque, last);
    return -1;
}

/* Mayfly's errors are one line; those of libguestfs keep the lines of the
 * program that failed.  Only newlines and tabs are restored: they are
 * harmless. */
static char *
restore_lines(const char *text)
{
    char *copy = strdup(text), *to = copy;

    for (const char *p = copy; p && *p; to++) {
        if (str_after(p, "\\x0a") || str_after(p, "\\x09")) {
            *to = p[3] == 'a' ? '\n' : '\t';
            p += 4;
        } else {
            *to = *p++;
        }
    }
    if (to)
        *to = '\0';
    return copy;
}

int
call_mayfly_error(guestfs_h *g)
{
    const char *text = mayfly_last_error(g->m);
    cleanup_free char *lines = restore_lines(text ? text : "unknown error");
    int code = mayfly_last_errno(g->m);

    /* The value that callers of libguestfs test for. */
    if (code == ECANCELED)
        code = EINTR;
    return call_error(g, code, "%s", lines ? lines : text);
}

void
call_no_memory(guestfs_h *g)
{
    call_error(g, ENOMEM, "out of memory");
    if (g->abort)
        g->abort();
}

char *
call_copy(guestfs_h *g, const char *s)
{
    char *copy = strdup(s);

    if (!copy)
        call_no_memory(g);
    return copy;
}

void
call_ended(guestfs_h *g)
{
    remember(errors_here(g), ESHUTDOWN, strdup("the program is exiting"));
}

const char *
guestfs_last_error(guestfs_h *g)
{
    HOLD(g);

    return errors_here(g)->last;
}

int
guestfs_last_errno(guestfs_h *g)
{
    HOLD(g);

    return errors_here(g)->number;
}

void
guestfs_set_error_handler(
    guestfs_h *g, guestfs_error_handler_cb callback, void *opaque)
{
    HOLD(g);

    errors_here(g)->handler = (struct error_handler){callback, opaque};
}

guestfs_error_handler_cb
guestfs_get_error_handler(guestfs_h *g, void **ret_opaque)
{
    HOLD(g);
    struct thread_errors *e = errors_here(g);

    if (ret_opaque)
        *ret_opaque = e->handler.opaque;
    return e->handler.callback;
}

void
guestfs_push_error_handler(
    guestfs_h *g, guestfs_error_handler_cb callback, void *opaque)
{
    HOLD(g);
    struct thread_errors *e = errors_here(g);
    struct error_handler *bigger =
        reallocarray(e->handlers, e->n_handlers + 1, sizeof *bigger);

    if (!bigger) {
        call_no_memory(g);
        return;
    }
    e->handlers = bigger;
    e->handlers[e->n_handlers++] = e->handler;
    e->handler = (struct error_handler){callback, opaque};
}

void
guestfs_pop_error_handler(guestfs_h *g)
{
    HOLD(g);
    struct thread_errors *e = errors_here(g);

    if (e->n_handlers > 0)
        e->handler = e->handlers[--e->n_handlers];
    else
        e->handler = (struct error_handler){print_error, NULL};
}

void
guestfs_set_out_of_memory_handler(guestfs_h *g, guestfs_abort_cb callback)
{
    HOLD(g);

    g->abort = callback;
}

guestfs_abort_cb
guestfs_get_out_of_memory_handler(guestfs_h *g)
{
    HOLD(g);

    return g->abort;
}
