/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "tool/xml_mountpoints.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/strv.h"

static int
by_length(const void *a, const void *b)
{
    const struct mayfly_inspection_mountpoint *const *x = a, *const *y = b;

    return compare_mountpoints((*x)->mountpoint, (*y)->mountpoint);
}

void
put_mountpoints(struct xml_writer *x, const struct mayfly_inspection_root *root)
{
    size_t n = root->n_mountpoints;
    cleanup_free const struct mayfly_inspection_mountpoint **m =
        calloc(n + 1, sizeof *m);

    put_start(x, "mountpoints");
    if (!m)
        put_failed(x);
    for (size_t i = 0; m && i < n; i++)
        m[i] = &root->mountpoints[i];
    if (m)
        qsort(m, n, sizeof *m, by_length);
    for (size_t i = 0; m && i < n; i++) {
        put_start(x, "mountpoint");
        put_attribute(x, "dev", m[i]->mountable);
        put_text(x, m[i]->mountpoint);
        put_end(x);
    }
    put_end(x);
}
