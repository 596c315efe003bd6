/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <config.h>

#include <stdarg.h>
#include <stdlib.h>

#include "compat/handle.h"

/* The contract of guestfs.h: unless told otherwise, errors are printed. */
static void
print_error(guestfs_h *g, void *opaque, const char *text)
{
    (void)g;
    (void)opaque;
    fprintf(stderr, "libguestfs: error: %s\n", text);
}

void
error_handlers_init(guestfs_h *g)
{
    g->handler = (struct error_handler){print_error, NULL};
    g->abort = abort;
}

void
error_handlers_free(guestfs_h *g)
{
    free(g->handlers);
    free(g->error);
}

int
call_error(guestfs_h *g, int code, const char *format, ...)
{
    char *text;
    va_list args;

    va_start(args, format);
    if (vasprintf(&text, format, args) < 0)
        text = NULL;
    va_end(args);
    free(g->error);
    g->error = text;
    g->error_number = code;
    if (g->handler.callback)
        g->handler.callback(
            g, g->handler.opaque, text ? text : "out of memory");
    return -1;
}

const char *
guestfs_last_error(guestfs_h *g)
{
    return g->error;
}

int
guestfs_last_errno(guestfs_h *g)
{
    return g->error_number;
}

void
guestfs_set_error_handler(
    guestfs_h *g, guestfs_error_handler_cb callback, void *opaque)
{
    g->handler = (struct error_handler){callback, opaque};
}

guestfs_error_handler_cb
guestfs_get_error_handler(guestfs_h *g, void **ret_opaque)
{
    if (ret_opaque)
        *ret_opaque = g->handler.opaque;
    return g->handler.callback;
}

void
guestfs_push_error_handler(
    guestfs_h *g, guestfs_error_handler_cb callback, void *opaque)
{
    struct error_handler *bigger =
        reallocarray(g->handlers, g->n_handlers + 1, sizeof *bigger);

    if (!bigger) {
        call_no_memory(g);
        return;
    }
    g->handlers = bigger;
    g->handlers[g->n_handlers++] = g->handler;
    guestfs_set_error_handler(g, callback, opaque);
}

void
guestfs_pop_error_handler(guestfs_h *g)
{
    if (g->n_handlers > 0)
        g->handler = g->handlers[--g->n_handlers];
    else
        g->handler = (struct error_handler){print_error, NULL};
}

void
guestfs_set_out_of_memory_handler(guestfs_h *g, guestfs_abort_cb callback)
{
    g->abort = callback;
}

guestfs_abort_cb
guestfs_get_out_of_memory_handler(guestfs_h *g)
{
    return g->abort;
}
