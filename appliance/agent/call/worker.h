/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A second thread for a call that has thousands of files before it. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

#include "appliance/agent/call/call.h"

struct call;
struct worker;

/* A processor more than this one, if there is: it sleeps until it is asked
 * for, since what is done with one or two files is done sooner without it. */
void worker_prepare(void);

struct worker_job {
    /* Called in the thread for each item, one after the other.  It may fail
     * the call (-1), after which it is called no more, but must not take
     * memory of the call. */
    int (*work)(void *opaque, void *item);
    void (*drop)(void *item); /* what was given, but not done; or NULL */
    void *opaque;
    size_t room; /* items that may wait */
    /* It is the thread that writes to the call's stream; the caller may not
     * before worker_end. */
    bool owns_port;
};

/* A call has one worker at a time; one that it leaves running ends before its
 * answer is sent, without the items that still wait.  NULL: call failed. */
struct worker *worker_start(struct call *c, const struct worker_job *job);

/* Whether an item could be given without waiting. */
bool worker_has_room(struct worker *w);

/* Give it an item, after waiting for room.  -1: it has failed, and so has the
 * call; the item is not taken. */
int worker_give(struct worker *w, void *item);

/* Wait until at most LEFT items are not done.  -1: it has failed. */
int worker_wait(struct worker *w, size_t left);

/* Wait until all is done, and end it.  -1: it has failed. */
int worker_end(struct worker *w);

/* End the call's worker, if it has one, as soon as it is done with its present
 * item. */
void worker_abandon(struct call *c);
