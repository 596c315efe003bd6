/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Theory of operation: a ring of items between two threads.  The appliance is
 * saved with its second processor asleep, so the first worker wakes it, which
 * takes some 80 ms of emulation: nothing beside a tree of thousands of files,
 * much beside one file.
 *
 * To wake a thread costs about as much as to write a small file.  So a worker
 * that ran out of items is woken for new ones only when there are several, or
 * when the caller waits for it. */
#include <config.h>

#include "appliance/agent/call/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

#include "appliance/agent/call/call.h"
#include "appliance/agent/call/inside.h"

#define SECOND_PROCESSOR "/sys/devices/system/cpu/cpu1/online"

struct worker {
    struct call *c;
    struct worker_job job;
    pthread_t thread;
    locale_t locale; /* of the caller: names are converted in it */
    pthread_mutex_t lock;
    pthread_cond_t given, done;
    size_t first, n; /* of the ring; also what is being worked on */
    bool ending, failed;
    void *items[];
};

static int sleeping_processor = -1;

void
worker_prepare(void)
{
    /* From within the guest's root it is not to be reached. */
    sleeping_processor = open(SECOND_PROCESSOR, O_WRONLY | O_CLOEXEC);
}

static void *
wake_processor(void *opaque)
{
    int fd = (int)(intptr_t)opaque;

    if (write(fd, "1", 1) < 0)
        perror("mayfly-agent: " SECOND_PROCESSOR);
    close(fd);
    return NULL;
}

/* Not waited for: there is enough to do meanwhile. */
static void
start_processor(void)
{
    pthread_t thread;

    if (sleeping_processor >= 0 &&
        pthread_create(&thread, NULL, wake_processor,
            (void *)(intptr_t)sleeping_processor) == 0)
        pthread_detach(thread);
    sleeping_processor = -1;
}

static void
drop_first(struct worker *w)
{
    w->first = (w->first + 1) % w->job.room;
    w->n--;
}

static void *
run_items(void *opaque)
{
    struct worker *w = opaque;

    uselocale(w->locale);
    pthread_mutex_lock(&w->lock);
    for (;;) {
        while (w->n == 0 && !w->ending)
            pthread_cond_wait(&w->given, &w->lock);
        if (w->n == 0 || w->failed)
            break;
        void *item = w->items[w->first];
        pthread_mutex_unlock(&w->lock);
        int r = w->job.work(w->job.opaque, item);
        pthread_mutex_lock(&w->lock);
        drop_first(w);
        w->failed |= r < 0;
        pthread_cond_signal(&w->done);
    }
    pthread_mutex_unlock(&w->lock);
    return NULL;
}

struct worker *
worker_start(struct call *c, const struct worker_job *job)
{
    struct worker *w = call_alloc(c, sizeof *w + job->room * sizeof(void *));

    *w = (struct worker){.c = c, .job = *job, .locale = uselocale((locale_t)0)};
    pthread_mutex_init(&w->lock, NULL);
    pthread_cond_init(&w->given, NULL);
    pthread_cond_init(&w->done, NULL);
    start_processor();
    int code = pthread_create(&w->thread, NULL, run_items, w);
    if (code != 0)
        return call_fail(c, code, "a thread"), NULL;
    c->worker = w;
    if (job->owns_port)
        c->port_thread = w->thread;
    return w;
}

bool
worker_has_room(struct worker *w)
{
    pthread_mutex_lock(&w->lock);
    bool room = w->n < w->job.room;
    pthread_mutex_unlock(&w->lock);
    return room;
}

int
worker_give(struct worker *w, void *item)
{
    if (worker_wait(w, w->job.room - 1) < 0)
        return -1;
    pthread_mutex_lock(&w->lock);
    w->items[(w->first + w->n++) % w->job.room] = item;
    if (w->n == 1 + w->job.room / 4)
        pthread_cond_signal(&w->given);
    pthread_mutex_unlock(&w->lock);
    return 0;
}

int
worker_wait(struct worker *w, size_t left)
{
    pthread_mutex_lock(&w->lock);
    if (w->n > left)
        pthread_cond_signal(&w->given);
    while (w->n > left && !w->failed)
        pthread_cond_wait(&w->done, &w->lock);
    bool failed = w->failed;
    pthread_mutex_unlock(&w->lock);
    return failed ? -1 : 0;
}

int
worker_end(struct worker *w)
{
    pthread_mutex_lock(&w->lock);
    w->ending = true;
    pthread_cond_signal(&w->given);
    pthread_mutex_unlock(&w->lock);
    pthread_join(w->thread, NULL);
    for (; w->n > 0; drop_first(w))
        if (w->job.drop)
            w->job.drop(w->items[w->first]);
    w->c->worker = NULL;
    w->c->port_thread = pthread_self();
    pthread_cond_destroy(&w->done);
    pthread_cond_destroy(&w->given);
    pthread_mutex_destroy(&w->lock);
    return w->failed ? -1 : 0;
}

void
worker_abandon(struct call *c)
{
    struct worker *w = c->worker;

    if (!w)
        return;
    pthread_mutex_lock(&w->lock);
    w->failed = true;
    pthread_mutex_unlock(&w->lock);
    worker_end(w);
}
