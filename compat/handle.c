/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Making and closing handles.
 *
 * guestfs closes what a program left open when it exits; programs that call
 * exit after an error rely on that for their last writes.  So the open
 * handles are in a list, the one thing here that is global. */
#include <config.h>

#include "compat/handle.h"

#include <pthread.h>
#include <stdlib.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static guestfs_h *open_handles;
static bool watching;

static void delist(const guestfs_h *g);

/* A child that exits must not end the appliance of its parent. */
static void
close_all(void)
{
    while (open_handles) {
        if (open_handles->launcher && open_handles->launcher != getpid())
            delist(open_handles);
        else
            guestfs_close(open_handles);
    }
}

static void
enlist(guestfs_h *g)
{
    pthread_mutex_lock(&lock);
    g->next = open_handles;
    open_handles = g;
    if (!watching)
        watching = atexit(close_all) == 0;
    pthread_mutex_unlock(&lock);
}

static void
delist(const guestfs_h *g)
{
    guestfs_h **p;

    pthread_mutex_lock(&lock);
    for (p = &open_handles; *p && *p != g; p = &(*p)->next)
        ;
    if (*p)
        *p = g->next;
    pthread_mutex_unlock(&lock);
}

static guestfs_h *
new_handle(void)
{
    guestfs_h *g = calloc(1, sizeof *g);

    if (!g)
        return NULL;
    g->m = mayfly_create();
    if (!g->m) {
        free(g);
        return NULL;
    }
    error_handlers_init(g);
    event_listen(g);
    return g;
}

guestfs_h *
guestfs_create_flags(unsigned flags, ...)
{
    guestfs_h *g = new_handle();

    if (!g)
        return NULL;
    /* A wrong variable was told; the handle is good all the same. */
    if (!(flags & GUESTFS_CREATE_NO_ENVIRONMENT))
        (void)guestfs_parse_environment(g);
    if (!(flags & GUESTFS_CREATE_NO_CLOSE_ON_EXIT))
        enlist(g);
    return g;
}

guestfs_h *
guestfs_create(void)
{
    return guestfs_create_flags(0);
}

void
guestfs_close(guestfs_h *g)
{
    delist(g);
    if (g->trace) {
        event_text(g, GUESTFS_EVENT_TRACE, "close");
        g->trace = false;
    }
    event_plain(g, GUESTFS_EVENT_CLOSE);
    /* mayfly_close would swallow the error of the last writes. */
    if (mayfly_shutdown(g->m) < 0)
        call_mayfly_error(g);
    free(steal_pointer(&g->listeners));
    g->n_listeners = 0;
    mayfly_close(g->m);
    for (size_t i = 0; i < g->n_private; i++)
        free(g->private[i].key);
    free(g->private);
    properties_free(g);
    error_handlers_free(g);
    free(g);
}

/* Safe in a signal handler, so it does nothing else. */
int
guestfs_user_cancel(guestfs_h *g)
{
    mayfly_cancel(g->m);
    return 0;
}
