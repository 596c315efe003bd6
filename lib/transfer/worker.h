/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A thread at the other end of a call's stream.  Through a pipe it makes what
 * the call uploads, or takes what it downloads, while the calling thread is in
 * the call. */
#pragma once
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "lib/handle/handle.h"

/* Set the first three and the rest to zero. */
struct pipe_worker {
    struct mayfly *g;
    /* What the thread does with its end of the pipe, which stays open; it
     * must not touch the handle.  0, or -1 with *err. */
    int (*run)(int fd, void *opaque, struct error *err);
    void *opaque;

    char stream[32]; /* the name of the other end, for the call */
    bool reads;
    int pipe, other;
    pthread_t thread;
    atomic_bool call_ended;
    bool failed_first; /* it failed before the call ended, and so caused that */
    int result;
    struct error error;
};

/* Start the thread; READS: it takes what a call downloads.  On failure -1, with
 * the error in the handle as an error of CALL. */
int pipe_worker_start(struct pipe_worker *w, bool reads, const char *call);

/* The call named INNER has returned RESULT: wait for the thread.  Returns 0 if
 * both succeeded; else -1 with the error of the side that failed first, as an
 * error of CALL. */
int pipe_worker_finish(
    struct pipe_worker *w, const char *call, const char *inner, int result);

/* Turn the handle's error, which names INNER, into one of CALL; always -1. */
int fail_as(struct mayfly *g, const char *call, const char *inner);
