/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <config.h>

#include "lib/transfer/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

enum { PIPE_SIZE = 1 << 20 };

static void *
work(void *opaque)
{
    struct pipe_worker *w = opaque;
    char rest[65536];

    w->result = w->run(w->pipe, w->opaque, &w->error);
    if (w->result < 0 && !atomic_load(&w->call_ended)) {
        w->failed_first = true;
        handle_cancel_own(w->g);
    }
    /* The writer must not find the pipe closed. */
    while (w->reads && read(w->pipe, rest, sizeof rest) > 0)
        ;
    close(w->pipe);
    return NULL;
}

static int
start(struct pipe_worker *w, struct error *err)
{
    sigset_t all, before;
    int ends[2];

    if (pipe2(ends, O_CLOEXEC) < 0)
        return error_errno(err, errno, "cannot make a pipe");
    /* A smaller pipe works as well. */
    (void)fcntl(ends[0], F_SETPIPE_SZ, PIPE_SIZE);
    w->pipe = ends[w->reads ? 0 : 1];
    w->other = ends[w->reads ? 1 : 0];
    snprintf(w->stream, sizeof w->stream, "/dev/fd/%d", w->other);

    /* The caller's threads handle signals; SIGPIPE becomes EPIPE. */
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int code = pthread_create(&w->thread, NULL, work, w);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (code != 0) {
        close(ends[0]);
        close(ends[1]);
        return error_errno(err, code, "cannot start a thread");
    }
    return 0;
}

int
pipe_worker_start(struct pipe_worker *w, bool reads, const char *call)
{
    struct error err = {0};

    w->reads = reads;
    if (start(w, &err) < 0) {
        error_context(&err, "%s", call);
        return handle_fail(w->g, &err);
    }
    return 0;
}

int
pipe_worker_finish(
    struct pipe_worker *w, const char *call, const char *inner, int result)
{
    atomic_store(&w->call_ended, true);
    close(w->other);
    pthread_join(w->thread, NULL);
    if (w->failed_first)
        handle_forget_cancel(w->g, CANCEL_OWN);
    /* The side that failed first knows why the other one did. */
    if (w->result < 0 && (w->failed_first || result == 0) &&
        w->g->state == HANDLE_READY) {
        error_context(&w->error, "%s", call);
        return handle_fail(w->g, &w->error);
    }
    error_clear(&w->error);
    return result < 0 ? fail_as(w->g, call, inner) : 0;
}

int
fail_as(struct mayfly *g, const char *call, const char *inner)
{
    struct error err = {0};
    const char *text = mayfly_last_error(g);
    const char *rest = str_after(text, inner);

    rest = rest ? str_after(rest, ": ") : NULL;
    error_set(&err, mayfly_last_errno(g), "%s: %s", call, rest ? rest : text);
    return handle_fail(g, &err);
}
