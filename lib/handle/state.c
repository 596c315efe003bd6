/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What every floor may ask of a handle: its error, whether it is cancelled,
 * its folders. */
#include <config.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "lib/handle/handle.h"

/* --- errors --- */

MAYFLY_PUBLIC const char *
mayfly_last_error(const struct mayfly *g)
{
    return g->error.code ? error_text(&g->error) : NULL;
}

MAYFLY_PUBLIC int
mayfly_last_errno(const struct mayfly *g)
{
    return g->error.code;
}

int
handle_fail(struct mayfly *g, struct error *err)
{
    return error_move(&g->error, err);
}

MAYFLY_PUBLIC void
mayfly_cancel(struct mayfly *g)
{
    int saved = errno;
    ssize_t n;

    atomic_store(&g->cancelled, true);
    /* A full pipe wakes the poll as well. */
    n = write(g->cancel_pipe[1], "", 1);
    (void)n;
    errno = saved;
}

void
handle_forget_cancel(struct mayfly *g)
{
    char bytes[64];

    atomic_store(&g->cancelled, false);
    while (read(g->cancel_pipe[0], bytes, sizeof bytes) > 0)
        ;
}

/* --- folders --- */

char *
handle_cachedir(const struct mayfly *g, struct error *err)
{
    if (!g->cachedir)
        return xdg_directory("XDG_CACHE_HOME", ".cache", err);

    char *copy = strdup(g->cachedir);
    if (!copy)
        error_no_memory(err);
    return copy;
}

const char *
handle_tmpdir(const struct mayfly *g)
{
    const char *tmpdir = getenv("TMPDIR");

    if (g->tmpdir)
        return g->tmpdir;
    return tmpdir && *tmpdir ? tmpdir : "/var/tmp";
}
