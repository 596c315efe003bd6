/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The callbacks from the time before events: each is a listener that calls the
 * old function.  A NULL function removes it. */
#include <config.h>

#include <limits.h>
#include <stdlib.h>

#include "compat/handle.h"

enum old_kind { OLD_LOG, OLD_QUIT, OLD_LAUNCH, OLD_CLOSE, OLD_PROGRESS };

static void
call_old(guestfs_h *g, void *opaque, uint64_t event, int number, int flags,
    const char *text, size_t size, const uint64_t *numbers, size_t n)
{
    const struct old_callback *old = opaque;

    (void)number;
    (void)flags;
    (void)n;
    switch (event) {
    case GUESTFS_EVENT_PROGRESS:
        ((guestfs_progress_cb)old->function)(g, old->opaque, (int)numbers[0],
            (int)numbers[1], numbers[2], numbers[3]);
        break;
    case GUESTFS_EVENT_CLOSE:
    case GUESTFS_EVENT_SUBPROCESS_QUIT:
    case GUESTFS_EVENT_LAUNCH_DONE:
        ((guestfs_close_cb)old->function)(g, old->opaque);
        break;
    default: {
        /* The old signature lets the callee modify the text. */
        cleanup_free char *copy = strndup(text, size);

        if (copy)
            ((guestfs_log_message_cb)old->function)(
                g, old->opaque, copy, (int)size);
        break;
    }
    }
}

static void
set_old(guestfs_h *g, enum old_kind kind, uint64_t mask, void (*function)(void),
    void *opaque)
{
    HOLD(g);
    struct old_callback *old = &g->old[kind];

    if (old->function)
        guestfs_delete_event_callback(g, old->number);
    *old = (struct old_callback){function, opaque, -1};
    if (function)
        old->number = guestfs_set_event_callback(g, call_old, mask, 0, old);
}

void
guestfs_set_log_message_callback(
    guestfs_h *g, guestfs_log_message_cb callback, void *opaque)
{
    set_old(
        g, OLD_LOG, GUESTFS_EVENT_APPLIANCE, (void (*)(void))callback, opaque);
}

void
guestfs_set_subprocess_quit_callback(
    guestfs_h *g, guestfs_subprocess_quit_cb callback, void *opaque)
{
    set_old(g, OLD_QUIT, GUESTFS_EVENT_SUBPROCESS_QUIT,
        (void (*)(void))callback, opaque);
}

void
guestfs_set_launch_done_callback(
    guestfs_h *g, guestfs_launch_done_cb callback, void *opaque)
{
    set_old(g, OLD_LAUNCH, GUESTFS_EVENT_LAUNCH_DONE, (void (*)(void))callback,
        opaque);
}

void
guestfs_set_close_callback(
    guestfs_h *g, guestfs_close_cb callback, void *opaque)
{
    set_old(
        g, OLD_CLOSE, GUESTFS_EVENT_CLOSE, (void (*)(void))callback, opaque);
}

void
guestfs_set_progress_callback(
    guestfs_h *g, guestfs_progress_cb callback, void *opaque)
{
    set_old(g, OLD_PROGRESS, GUESTFS_EVENT_PROGRESS, (void (*)(void))callback,
        opaque);
}
