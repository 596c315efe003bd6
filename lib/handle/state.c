/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What every floor may ask of a handle: its error, whether it is cancelled,
 * its folders. */
#include <config.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/file.h"
#include "base/strv.h"
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
    /* Reported: but if the library itself cancelled, then not the user's. */
    if (err->code == ECANCELED && !(atomic_load(&g->cancelled) & CANCEL_OWN))
        handle_forget_cancel(g, CANCEL_USER);
    return error_move(&g->error, err);
}

int
handle_blame(const struct mayfly *g, struct error *err)
{
    if (g->disk_failed && err->code != ECANCELED && err->code != ENOMEM &&
        err->code != ENOKEY && err->code != EPIPE)
        err->code = ENOMEDIUM;
    return -1;
}

/* --- cancelling --- */

/* Theory of operation: `cancelled` says that a call is to end, the pipe wakes
 * the one that waits.  The pipe is written before the mark is set, and emptied
 * after it is cleared; so, however the two cross, a mark can be left with an
 * empty pipe, which the next call sees when it begins, but never a full pipe
 * without a mark, which would wake every later call for nothing. */

static void
cancel(struct mayfly *g, enum cancel who)
{
    int saved = errno;
    ssize_t n;

    /* A full pipe wakes the poll as well. */
    n = write(g->cancel_pipe[1], "", 1);
    (void)n;
    atomic_fetch_or(&g->cancelled, who);
    errno = saved;
}

MAYFLY_PUBLIC void
mayfly_cancel(struct mayfly *g)
{
    cancel(g, CANCEL_USER);
}

void
handle_cancel_own(struct mayfly *g)
{
    cancel(g, CANCEL_OWN);
}

void
handle_forget_cancel(struct mayfly *g, enum cancel who)
{
    char bytes[64];

    if (atomic_fetch_and(&g->cancelled, ~(unsigned)who) & ~(unsigned)who)
        return;
    while (read(g->cancel_pipe[0], bytes, sizeof bytes) > 0)
        ;
}

MAYFLY_PUBLIC void
mayfly_forget_cancel(struct mayfly *g)
{
    handle_forget_cancel(g, CANCEL_USER);
}

MAYFLY_PUBLIC void
mayfly_set_cancel_flag(struct mayfly *g, const volatile sig_atomic_t *flag)
{
    g->cancel_flag = flag;
}

int
handle_take_cancel(struct mayfly *g, const char *call)
{
    if (!(atomic_load(&g->cancelled) & CANCEL_USER) &&
        (g->ending || !g->cancel_flag || !*g->cancel_flag))
        return 0;
    handle_forget_cancel(g, CANCEL_USER);
    return error_set(&g->error, ECANCELED, "%s: cancelled", call);
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

char *
handle_socket_path(const struct mayfly *g, struct error *err)
{
    uint64_t random = 0;

    if (getrandom(&random, sizeof random, 0) != sizeof random)
        return error_errno(err, errno, "cannot get random bytes"), NULL;
    char *path = text_printf(
        "%s/mayfly-%016llx.nbd", handle_tmpdir(g), (unsigned long long)random);
    return path ? path : (error_no_memory(err), NULL);
}
