/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "appliance/agent/tree/batch.h"

#include <errno.h>
#include <fcntl.h>
#include <libaio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "appliance/agent/call/call.h"
#include "wire/frame.h"

struct batch {
    io_context_t queue; /* NULL: none, files are read one by one */
    uint8_t *buffer;
    size_t used;
    int n;
    int asked; /* requests on their way */
    struct batch_file {
        int fd;
        ino_t inode;
        size_t size, at; /* in the buffer */
        ssize_t got;     /* or a negative errno */
        struct iocb request;
    } files[BATCH_FILES];
};

static void
free_batch(void *opaque)
{
    struct batch *b = opaque;

    batch_clear(b);
    if (b->queue)
        io_destroy(b->queue);
}

struct batch *
batch_new(struct call *c)
{
    struct batch *b = call_alloc(c, sizeof *b);
    uint8_t *p = call_alloc(c, BATCH_BYTES + BULK_ALIGN);

    b->buffer = p + BULK_ALIGN - (uintptr_t)p % BULK_ALIGN;
    if (io_setup(BATCH_FILES, &b->queue) < 0)
        b->queue = NULL;
    call_defer(c, free_batch, b);
    return b;
}

int
batch_add(struct batch *b, int fd, size_t size, ino_t inode)
{
    size_t room = bulk_round_up(size);

    if (b->n == BATCH_FILES || room > BATCH_BYTES - b->used)
        return -1;
    b->files[b->n] = (struct batch_file){
        .fd = fd, .size = size, .inode = inode, .at = b->used};
    b->used += room;
    return b->n++;
}

static void
read_one(struct batch *b, struct batch_file *f)
{
    size_t at = 0;
    ssize_t n;

    (void)fcntl(f->fd, F_SETFL, O_RDONLY);
    do {
        n = pread(f->fd, b->buffer + f->at + at, f->size - at, (off_t)at);
        if (n > 0)
            at += (size_t)n;
    } while ((n > 0 && at < f->size) || (n < 0 && errno == EINTR));
    f->got = n < 0 ? -errno : (ssize_t)at;
}

static int
compare_places(const void *a, const void *b)
{
    const struct iocb *const *x = a, *const *y = b;
    ino_t i = ((const struct batch_file *)(*x)->data)->inode,
          j = ((const struct batch_file *)(*y)->data)->inode;

    return i < j ? -1 : i > j;
}

void
batch_start(struct batch *b)
{
    struct iocb *requests[BATCH_FILES];

    if (b->n == 0)
        return;
    for (int i = 0; i < b->n; i++) {
        struct batch_file *f = &b->files[i];

        f->got = -EAGAIN;
        io_prep_pread(
            &f->request, f->fd, b->buffer + f->at, bulk_round_up(f->size), 0);
        f->request.data = f;
        requests[i] = &f->request;
    }
    qsort(requests, (size_t)b->n, sizeof *requests, compare_places);
    while (b->queue && b->asked < b->n) {
        int r = io_submit(b->queue, b->n - b->asked, requests + b->asked);

        if (r <= 0)
            break;
        b->asked += r;
    }
}

static void
collect(struct batch *b)
{
    struct io_event events[BATCH_FILES];

    while (b->asked > 0) {
        int n = io_getevents(b->queue, 1, b->asked, events, NULL);

        if (n == -EINTR)
            continue;
        if (n <= 0)
            break;
        for (int i = 0; i < n; i++) {
            struct batch_file *f = events[i].data;
            f->got = (ssize_t)events[i].res;
        }
        b->asked -= n;
    }
}

void
batch_finish(struct batch *b)
{
    collect(b);
    /* Whatever went wrong, or came short, may go right the usual way, or say
     * why. */
    for (int i = 0; i < b->n; i++)
        if (b->files[i].got < (ssize_t)b->files[i].size)
            read_one(b, &b->files[i]);
}

const void *
batch_content(struct batch *b, int i, size_t size)
{
    const struct batch_file *f = &b->files[i];

    if (f->got < (ssize_t)size) {
        errno = f->got < 0 ? (int)-f->got : EIO;
        return NULL;
    }
    return b->buffer + f->at;
}

void
batch_clear(struct batch *b)
{
    /* The kernel writes into the buffer until then. */
    collect(b);
    for (int i = 0; i < b->n; i++)
        close(b->files[i].fd);
    b->n = 0;
    b->used = 0;
}
