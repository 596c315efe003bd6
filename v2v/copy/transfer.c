/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Theory of operation: each disk has a few threads, each with its own
 * connections.  They take parts of the disk in turn, under the lock, and read
 * and write them without it.  The first error stops all threads.  The main
 * thread only waits, shows the progress and checks for signals; on a signal it
 * ends the sources' processes, so that no thread waits for a network. */
#include <config.h>

#include "v2v/copy/transfer.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/processors.h"
#include "tool/progress.h"
#include "tool/signals.h"
#include "v2v/copy/extents.h"

/* For each disk; in all, and of those for each processor: they wait more than
 * they work. */
enum {
    THREADS_MIN = 2,
    THREADS_MAX = 8,
    THREADS_ALL = 16,
    THREADS_PER_PROCESSOR = 4,
};

/* State shared by all threads. */
struct crew {
    pthread_mutex_t lock;
    pthread_cond_t ended; /* a thread has ended */
    size_t running;
    struct error error;
    atomic_bool stop;
    _Atomic uint64_t done; /* bytes done, of all disks */
    uint64_t total;
    uint64_t bwlimit;
    double free_at; /* the time at which the next bytes may be read */
};

struct disk {
    struct crew *crew;
    struct transfer *transfer;
    struct extents *extents; /* under the lock */
    bool parallel;           /* else one thread has the only connection */
    _Atomic uint64_t read;
};

static void
give_up(struct crew *crew, struct error *err)
{
    pthread_mutex_lock(&crew->lock);
    if (!crew->error.code)
        error_move(&crew->error, err);
    pthread_mutex_unlock(&crew->lock);
    crew->stop = true;
}

/* Wait for this thread's turn: each piece takes the time that the limit
 * allows. */
static void
keep_pace(struct crew *crew, uint64_t size)
{
    if (!crew->bwlimit)
        return;
    pthread_mutex_lock(&crew->lock);

    double now = monotonic_seconds();
    double from = crew->free_at > now ? crew->free_at : now;
    crew->free_at = from + (double)size / (double)crew->bwlimit;
    pthread_mutex_unlock(&crew->lock);
    while (!crew->stop && (now = monotonic_seconds()) < from) {
        double rest = from - now < 0.1 ? from - now : 0.1;

        nanosleep(&(struct timespec){.tv_nsec = (long)(rest * 1e9)}, NULL);
    }
}

static int
next_part(struct disk *disk, uint64_t *ret_offset, uint64_t *ret_size,
    enum extent_kind *ret_kind, struct error *err)
{
    pthread_mutex_lock(&disk->crew->lock);
    int r = extents_next(disk->extents, ret_offset, ret_size, ret_kind, err);
    pthread_mutex_unlock(&disk->crew->lock);
    return r;
}

static int
copy_part(struct disk *disk, struct nbd_handle *nbd, struct image_writer *w,
    uint8_t *data, uint64_t offset, uint64_t size, struct error *err)
{
    keep_pace(disk->crew, size);
    if (disk->crew->stop)
        return 0;

    const struct map *map = disk->transfer->map;
    if (!(map && map_pread(map, data, size, offset)) &&
        nbd_pread(nbd, data, size, offset, 0) < 0)
        return server_fail(err, "cannot read the source");
    disk->read += size;
    return image_put(w, data, size, offset, err);
}

static int
copy_parts(struct disk *disk, struct nbd_handle *nbd, struct error *err)
{
    cleanup_image_writer struct image_writer w = {0};
    cleanup_free uint8_t *data = aligned_alloc(4096, PIECE_SIZE);
    uint64_t offset, size;
    enum extent_kind kind;
    int r;

    if (!data)
        return error_no_memory(err);
    if (image_writer_open(&w, disk->transfer->target, err) < 0)
        return -1;
    while (!disk->crew->stop &&
           (r = next_part(disk, &offset, &size, &kind, err)) != 0) {
        if (r < 0 ||
            (kind == EXTENT_READ &&
                copy_part(disk, nbd, &w, data, offset, size, err) < 0) ||
            (kind == EXTENT_ZERO &&
                image_put_zeroes(&w, size, offset, err) < 0))
            return -1;
        disk->crew->done += size;
    }
    return 0;
}

static void *
work(void *opaque)
{
    struct disk *disk = opaque;
    struct crew *crew = disk->crew;
    cleanup_error struct error err = {0};
    struct nbd_handle *own =
        disk->parallel ? server_connect(disk->transfer->source, NULL, &err)
                       : NULL;
    struct nbd_handle *nbd = disk->parallel ? own : extents_nbd(disk->extents);

    if (!nbd || copy_parts(disk, nbd, &err) < 0)
        give_up(crew, &err);
    nbd_close(own);
    pthread_mutex_lock(&crew->lock);
    crew->running--;
    pthread_cond_signal(&crew->ended);
    pthread_mutex_unlock(&crew->lock);
    return NULL;
}

static void
wait_for_all(struct crew *crew, struct disk *disks, size_t n, const char *label)
{
    pthread_mutex_lock(&crew->lock);
    while (crew->running) {
        struct timespec until;

        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_nsec += 100000000;
        if (until.tv_nsec >= 1000000000) {
            until.tv_nsec -= 1000000000;
            until.tv_sec++;
        }
        pthread_cond_timedwait(&crew->ended, &crew->lock, &until);
        if (crew->running)
            tool_progress_show(label, crew->done, crew->total);
        if (tool_interrupted() && !crew->stop) {
            crew->stop = true;
            for (size_t i = 0; i < n; i++) {
                cleanup_error struct error ignored = {0};

                server_end(disks[i].transfer->source, &ignored);
            }
        }
    }
    pthread_mutex_unlock(&crew->lock);
    if (!crew->stop)
        tool_progress_show(label, crew->total, crew->total);
    tool_progress_clear();
}

static int
open_disk(struct disk *disk, struct error *err)
{
    struct transfer *t = disk->transfer;

    if (!(disk->extents = extents_new(t->source, t->visit, t->bitmap, err)))
        return -1;
    if (extents_size(disk->extents) != t->target->size)
        return error_set(err, EINVAL,
            "the source has %llu bytes, but its copy has %llu",
            (unsigned long long)extents_size(disk->extents),
            (unsigned long long)t->target->size);
    disk->parallel = server_is_parallel(t->source, extents_nbd(disk->extents));
    disk->crew->total += t->target->size;
    return 0;
}

static int
start_thread(struct crew *crew, pthread_t *ret, struct disk *disk)
{
    pthread_mutex_lock(&crew->lock);
    int code = pthread_create(ret, NULL, work, disk);
    crew->running += !code;
    pthread_mutex_unlock(&crew->lock);
    return code;
}

static size_t
threads_of_each(size_t n_disks)
{
    unsigned processors = processors_available();
    size_t all = processors < THREADS_ALL / THREADS_PER_PROCESSOR
                     ? processors * THREADS_PER_PROCESSOR
                     : THREADS_ALL;
    size_t each = all / n_disks;

    return each < THREADS_MIN   ? THREADS_MIN
           : each > THREADS_MAX ? THREADS_MAX
                                : each;
}

static int
run(struct crew *crew, struct disk *disks, size_t n, const char *label,
    struct error *err)
{
    size_t each = threads_of_each(n);
    cleanup_free pthread_t *threads = calloc(n * each, sizeof *threads);
    size_t started = 0;
    int code = 0;

    if (!threads)
        return error_no_memory(err);
    for (size_t i = 0; i < n * each && !code; i++) {
        if (i >= n && !disks[i % n].parallel)
            continue;
        code = start_thread(crew, &threads[started], &disks[i % n]);
        started += !code;
    }
    if (code)
        crew->stop = true;
    wait_for_all(crew, disks, n, label);
    for (size_t i = 0; i < started; i++)
        pthread_join(threads[i], NULL);
    if (tool_interrupted())
        return error_set(err, EINTR, "interrupted");
    if (crew->error.code)
        return error_move(err, &crew->error);
    return code ? error_errno(err, code, "cannot start a thread") : 0;
}

int
transfer_run(struct transfer *transfers, size_t n, const char *label,
    uint64_t bwlimit, struct error *err)
{
    struct crew crew = {
        .lock = PTHREAD_MUTEX_INITIALIZER,
        .ended = PTHREAD_COND_INITIALIZER,
        .bwlimit = bwlimit,
    };
    cleanup_free struct disk *disks = calloc(n, sizeof *disks);
    int r = disks ? 0 : error_no_memory(err);

    for (size_t i = 0; r == 0 && i < n; i++) {
        disks[i].crew = &crew;
        disks[i].transfer = &transfers[i];
        r = open_disk(&disks[i], err);
    }
    if (r == 0)
        r = run(&crew, disks, n, label, err);
    for (size_t i = 0; disks && i < n; i++) {
        transfers[i].read = disks[i].read;
        extents_free(disks[i].extents);
    }
    error_clear(&crew.error);
    return r;
}
