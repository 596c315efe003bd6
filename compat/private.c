/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The private data that a program attaches to a handle, by key. */
#include <config.h>

#include <stdlib.h>

#include "compat/handle.h"

static struct private_datum *
find(guestfs_h *g, const char *key)
{
    for (size_t i = 0; i < g->n_private; i++) {
        if (str_equal(g->private[i].key, key))
            return &g->private[i];
    }
    return NULL;
}

void
guestfs_set_private(guestfs_h *g, const char *key, void *data)
{
    HOLD(g);
    struct private_datum *bigger, *there = find(g, key);
    char *copy;

    if (there) {
        there->data = data;
        return;
    }
    copy = strdup(key);
    bigger = reallocarray(g->private, g->n_private + 1, sizeof *bigger);
    if (bigger)
        g->private = bigger;
    if (!copy || !bigger) {
        free(copy);
        call_no_memory(g);
        return;
    }
    g->private[g->n_private++] = (struct private_datum){copy, data};
}

void *
guestfs_get_private(guestfs_h *g, const char *key)
{
    HOLD(g);
    struct private_datum *there = find(g, key);

    return there ? there->data : NULL;
}

void *
guestfs_next_private(guestfs_h *g, const char **ret_key)
{
    HOLD(g);

    /* A key that was set to NULL counts as removed. */
    while (g->next_private < g->n_private) {
        struct private_datum *d = &g->private[g->next_private++];

        if (d->data) {
            *ret_key = d->key;
            return d->data;
        }
    }
    return NULL;
}

void *
guestfs_first_private(guestfs_h *g, const char **ret_key)
{
    HOLD(g);

    g->next_private = 0;
    return guestfs_next_private(g, ret_key);
}
