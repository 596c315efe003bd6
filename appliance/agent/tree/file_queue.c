/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Theory of operation: a queue has two halves.  When one is full its batch is
 * asked for, and while that is read the one before, which is there by now, is
 * written.  With many files this is the work of a second thread, and what
 * finds and opens them runs ahead of it. */
#include <config.h>

#include "appliance/agent/tree/file_queue.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "appliance/agent/call/call.h"
#include "appliance/agent/call/worker.h"
#include "appliance/agent/kernel/sysfs.h"
#include "appliance/agent/tree/batch.h"
#include "appliance/agent/tree/read_ahead.h"
#include "base/cleanup.h"

static void
release(struct file_queue *q, struct queued_file *f)
{
    if (f->fd >= 0)
        close(f->fd);
    q->release(f->what);
}

static void
release_half(struct file_queue *q, struct half *half)
{
    for (size_t i = 0; i < half->n; i++)
        release(q, &half->files[i]);
    half->n = 0;
    batch_clear(half->batch);
}

static int
write_half(struct file_queue *q, struct half *half)
{
    int result = 0;

    batch_finish(half->batch);
    if (half->n > 0)
        result = q->write(q->opaque, half->batch, half->files, half->n);
    release_half(q, half);
    return result;
}

static int
swap_halves(struct file_queue *q)
{
    batch_start(q->halves[q->filling].batch);
    q->filling = !q->filling;
    return write_half(q, &q->halves[q->filling]);
}

static void
free_queue(void *opaque)
{
    struct file_queue *q = opaque;

    for (size_t i = 0; i < N_ELEMENTS(q->halves); i++)
        release_half(q, &q->halves[i]);
}

void
file_queue_prepare(struct file_queue *q)
{
    disks_drop_schedulers();
    for (size_t i = 0; i < N_ELEMENTS(q->halves); i++)
        q->halves[i].batch = batch_new(q->c);
    call_defer(q->c, free_queue, q);
}

/* For a batch; what is larger finds its own way. */
int
file_queue_open(struct file_queue *q, int dir, const char *name, int64_t size)
{
    enum { FLAGS = O_RDONLY | O_NOFOLLOW | O_CLOEXEC };

    if (!q->no_direct && size <= BATCH_LARGEST) {
        int fd = openat(dir, name, FLAGS | O_DIRECT);
        if (fd >= 0 || errno != EINVAL)
            return fd;
        q->no_direct = true;
    }
    return openat(dir, name, FLAGS);
}

static bool
join_batch(struct file_queue *q, struct queued_file *f)
{
    f->number = batch_add(
        q->halves[q->filling].batch, f->fd, (size_t)f->size, f->inode);
    if (f->number < 0)
        return false;
    f->fd = -1;
    return true;
}

/* For the thread that works on the queue. */
static int
add(struct file_queue *q, struct queued_file *f)
{
    f->number = -1;
    if (f->fd >= 0 && f->size <= BATCH_LARGEST && !join_batch(q, f)) {
        if (swap_halves(q) < 0) {
            release(q, f);
            return -1;
        }
        join_batch(q, f);
    }
    struct half *half = &q->halves[q->filling];
    half->files[half->n++] = *f;
    return half->n == QUEUE_FILES ? swap_halves(q) : 0;
}

/* --- by a worker --- */

struct given {
    struct file_queue *q;
    struct queued_file file;
};

static int
work_given(void *opaque, void *item)
{
    struct given *g = item;
    struct queued_file f = g->file;

    free(g);
    return add(opaque, &f);
}

static void
drop_given(void *item)
{
    struct given *g = item;

    release(g->q, &g->file);
    free(g);
}

static int
start_worker(struct file_queue *q)
{
    read_ahead_start(q->c, q->top);
    q->worker = worker_start(q->c, &(struct worker_job){.work = work_given,
                                       .drop = drop_given,
                                       .opaque = q,
                                       .room = QUEUE_FILES,
                                       .owns_port = true});
    return q->worker ? 0 : -1;
}

static int
give(struct file_queue *q, struct queued_file *f)
{
    struct given *g = malloc(sizeof *g);

    if (!g) {
        release(q, f);
        return call_fail(q->c, ENOMEM, "files");
    }
    *g = (struct given){q, *f};
    if ((q->worker || start_worker(q) == 0) && worker_give(q->worker, g) == 0)
        return 0;
    drop_given(g);
    return -1;
}

int
file_queue_add(struct file_queue *q, const struct queued_file *f)
{
    struct queued_file file = *f;

    return ++q->n_files > QUEUE_ALONE ? give(q, &file) : add(q, &file);
}

int
file_queue_end(struct file_queue *q)
{
    struct worker *w = q->worker;

    q->worker = NULL;
    if (w && worker_end(w) < 0)
        return -1;
    return swap_halves(q) < 0 ? -1 : swap_halves(q);
}
