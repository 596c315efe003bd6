/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Theory of operation: there are two rounds.  When one is full its batch is
 * asked for, and while that is read the one before, which is there by now, is
 * written.  With many files this is the work of a second thread, and what
 * finds and opens them runs ahead of it. */
#include <config.h>

#include "appliance/agent/rounds.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "appliance/agent/scout.h"
#include "appliance/agent/worker.h"

static void
release(struct rounds *r, struct round_file *f)
{
    if (f->fd >= 0)
        close(f->fd);
    r->release(f->what);
}

static void
release_round(struct rounds *r, struct round *round)
{
    for (size_t i = 0; i < round->n; i++)
        release(r, &round->files[i]);
    round->n = 0;
    batch_clear(round->batch);
}

static int
write_round(struct rounds *r, struct round *round)
{
    int result = 0;

    batch_finish(round->batch);
    if (round->n > 0)
        result = r->write(r->opaque, round->batch, round->files, round->n);
    release_round(r, round);
    return result;
}

static int
turn(struct rounds *r)
{
    batch_start(r->rounds[r->round].batch);
    r->round = !r->round;
    return write_round(r, &r->rounds[r->round]);
}

static void
free_rounds(void *opaque)
{
    struct rounds *r = opaque;

    for (size_t i = 0; i < N_ELEMENTS(r->rounds); i++)
        release_round(r, &r->rounds[i]);
}

void
rounds_prepare(struct rounds *r)
{
    disks_drop_schedulers();
    for (size_t i = 0; i < N_ELEMENTS(r->rounds); i++)
        r->rounds[i].batch = batch_new(r->c);
    call_defer(r->c, free_rounds, r);
}

/* For a batch; what is larger finds its own way. */
int
rounds_open(struct rounds *r, int dir, const char *name, int64_t size)
{
    enum { FLAGS = O_RDONLY | O_NOFOLLOW | O_CLOEXEC };

    if (!r->no_direct && size <= BATCH_LARGEST) {
        int fd = openat(dir, name, FLAGS | O_DIRECT);
        if (fd >= 0 || errno != EINVAL)
            return fd;
        r->no_direct = true;
    }
    return openat(dir, name, FLAGS);
}

static bool
join_batch(struct rounds *r, struct round_file *f)
{
    f->number =
        batch_add(r->rounds[r->round].batch, f->fd, (size_t)f->size, f->inode);
    if (f->number < 0)
        return false;
    f->fd = -1;
    return true;
}

/* For whoever works on the rounds. */
static int
add(struct rounds *r, struct round_file *f)
{
    f->number = -1;
    if (f->fd >= 0 && f->size <= BATCH_LARGEST && !join_batch(r, f)) {
        if (turn(r) < 0) {
            release(r, f);
            return -1;
        }
        join_batch(r, f);
    }
    struct round *round = &r->rounds[r->round];
    round->files[round->n++] = *f;
    return round->n == ROUND_FILES ? turn(r) : 0;
}

/* --- by a worker --- */

struct given {
    struct rounds *r;
    struct round_file file;
};

static int
work_given(void *opaque, void *item)
{
    struct given *g = item;
    struct round_file f = g->file;

    free(g);
    return add(opaque, &f);
}

static void
drop_given(void *item)
{
    struct given *g = item;

    release(g->r, &g->file);
    free(g);
}

static int
start_worker(struct rounds *r)
{
    scout_start(r->c, r->top);
    r->worker = worker_start(r->c, &(struct worker_job){.work = work_given,
                                       .drop = drop_given,
                                       .opaque = r,
                                       .room = ROUND_FILES,
                                       .owns_port = true});
    return r->worker ? 0 : -1;
}

static int
give(struct rounds *r, struct round_file *f)
{
    struct given *g = malloc(sizeof *g);

    if (!g) {
        release(r, f);
        return call_fail(r->c, ENOMEM, "files");
    }
    *g = (struct given){r, *f};
    if ((r->worker || start_worker(r) == 0) && worker_give(r->worker, g) == 0)
        return 0;
    drop_given(g);
    return -1;
}

int
rounds_add(struct rounds *r, const struct round_file *f)
{
    struct round_file file = *f;

    return ++r->n_files > ROUNDS_ALONE ? give(r, &file) : add(r, &file);
}

int
rounds_end(struct rounds *r)
{
    struct worker *w = r->worker;

    r->worker = NULL;
    if (w && worker_end(w) < 0)
        return -1;
    return turn(r) < 0 ? -1 : turn(r);
}
