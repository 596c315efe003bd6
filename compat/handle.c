/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Making and closing handles.
 *
 * A handle may be used by several threads: each call holds its lock, except
 * guestfs_user_cancel and guestfs_umount_local, whose purpose is to end a
 * running one.
 *
 * libguestfs closes the handles that are open when a program exits; programs
 * that call exit after an error rely on that for their last writes.  So the
 * open handles are in a list, the only global state here.  Other threads
 * continue while a program exits, so such a handle is only ended: its call is
 * cancelled and waited for, the mayfly handle is closed, and later calls fail.
 * The rest stays: a thread may be waiting for the lock. */
#include <config.h>

#include "compat/handle.h"

#include <stdlib.h>
#include <time.h>
#include <unistd.h>

/* How long exit waits for calls that ignore being cancelled. */
enum { EXIT_GRACE_SECONDS = 2 };

static struct {
    pthread_mutex_t lock;
    guestfs_h *open;
    guestfs_h *ended; /* only so that they are not reported as leaks */
    bool watching;
} handles = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* --- when the program exits --- */

static guestfs_h *
take_open(void)
{
    guestfs_h *g;

    pthread_mutex_lock(&handles.lock);
    g = handles.open;
    if (g) {
        handles.open = g->next;
        g->next = handles.ended;
        handles.ended = g;
    }
    pthread_mutex_unlock(&handles.lock);
    return g;
}

/* Made in the process that this one was forked from. */
static bool
is_foreign(const guestfs_h *g)
{
    return g->launcher && g->launcher != getpid();
}

/* All at once, so that the others end while the first is waited for. */
static void
cancel_busy(void)
{
    pthread_mutex_lock(&handles.lock);
    for (guestfs_h *g = handles.open; g; g = g->next) {
        if (is_foreign(g))
            continue;
        if (pthread_mutex_trylock(&g->lock) == 0)
            pthread_mutex_unlock(&g->lock);
        else
            mayfly_cancel(g->m);
    }
    pthread_mutex_unlock(&handles.lock);
}

/* Everything that closing does except freeing the handle. */
static void
end(guestfs_h *g)
{
    if (g->trace) {
        event_text(g, GUESTFS_EVENT_TRACE, "close");
        g->trace = false;
    }
    event_plain(g, GUESTFS_EVENT_CLOSE);
    /* mayfly_close would lose the error of the last writes. */
    if (mayfly_shutdown(g->m) < 0)
        call_mayfly_error(g);
    free(steal_pointer(&g->listeners));
    g->n_listeners = 0;
    g->ended = true;
    mayfly_close(steal_pointer(&g->m));
}

/* A child that exits must not end the appliance of its parent. */
static void
end_all(void)
{
    struct timespec deadline;
    guestfs_h *g;

    cancel_busy();
    clock_gettime(CLOCK_REALTIME, &deadline);
    deadline.tv_sec += EXIT_GRACE_SECONDS;
    while ((g = take_open())) {
        if (is_foreign(g) || pthread_mutex_timedlock(&g->lock, &deadline) != 0)
            continue;
        end(g);
        pthread_mutex_unlock(&g->lock);
    }
}

static void
enlist(guestfs_h *g)
{
    pthread_mutex_lock(&handles.lock);
    g->listed = true;
    g->next = handles.open;
    handles.open = g;
    if (!handles.watching)
        handles.watching = atexit(end_all) == 0;
    pthread_mutex_unlock(&handles.lock);
}

/* False: the exit of the program is handling it. */
static bool
delist(const guestfs_h *g)
{
    guestfs_h **p;
    bool found;

    pthread_mutex_lock(&handles.lock);
    for (p = &handles.open; *p && *p != g; p = &(*p)->next)
        ;
    found = *p;
    if (found)
        *p = g->next;
    pthread_mutex_unlock(&handles.lock);
    return found;
}

/* --- making and closing --- */

static void
make_lock(pthread_mutex_t *lock)
{
    pthread_mutexattr_t attributes;

    /* Handlers of events and errors may make calls. */
    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_RECURSIVE);
    pthread_mutex_init(lock, &attributes);
    pthread_mutexattr_destroy(&attributes);
}

static guestfs_h *
new_handle(void)
{
    guestfs_h *g = calloc(1, sizeof *g);

    if (!g)
        return NULL;
    g->m = mayfly_create();
    if (!g->m || error_handlers_init(g) < 0) {
        mayfly_close(g->m);
        free(g);
        return NULL;
    }
    make_lock(&g->lock);
    event_listen(g);
    return g;
}

guestfs_h *
guestfs_create_flags(unsigned flags, ...)
{
    guestfs_h *g = new_handle();

    if (!g)
        return NULL;
    /* An invalid variable was reported; the handle is usable nevertheless. */
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
    if (g->listed && !delist(g))
        return;
    /* Wait until no thread is in a call. */
    pthread_mutex_lock(&g->lock);
    end(g);
    pthread_mutex_unlock(&g->lock);
    for (size_t i = 0; i < g->n_private; i++)
        free(g->private[i].key);
    free(g->private);
    properties_free(g);
    error_handlers_free(g);
    pthread_mutex_destroy(&g->lock);
    free(g);
}

/* Safe in a signal handler, so it does nothing else. */
int
guestfs_user_cancel(guestfs_h *g)
{
    if (!g->ended)
        mayfly_cancel(g->m);
    return 0;
}
