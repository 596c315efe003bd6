/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The lock of a handle, which each call holds. */
#include <config.h>

#include "compat/handle.h"

guestfs_h *
handle_hold(guestfs_h *g)
{
    pthread_mutex_lock(&g->lock);
    return g;
}

void
handle_release(guestfs_h **g)
{
    pthread_mutex_unlock(&(*g)->lock);
}
