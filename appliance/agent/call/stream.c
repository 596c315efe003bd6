/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The streams of a call.
 *
 * Theory of operation.  Little data comes and goes in DATA frames.  For more
 * the frame only says where in the bulk area it lies, which to us is a disk:
 * read and written with O_DIRECT, so that QEMU copies between it and our
 * buffer at the host's speed, and the emulated processor copies nothing.  For
 * that the buffer (bulk_buffer) has to be the one that files are read into
 * and written from, with O_DIRECT as well. */
#include <config.h>

#include "appliance/agent/call/stream.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#include "appliance/agent/call/call.h"
#include "appliance/agent/call/inside.h"
#include "appliance/agent/call/port.h"
#include "wire/frame.h"

enum { SPARE = BULK_ALIGN };

static struct {
    int fd;          /* the bulk area; -1: none */
    uint8_t *buffer; /* BULK_SLOT bytes, shared */
    uint8_t *heard;  /* BULK_SLOT bytes of the stream in */
    uint8_t *tail;   /* SPARE bytes: the end of what is not aligned */
} bulk = {.fd = -1};

void
bulk_prepare(void)
{
    enum { SIZE = 2 * BULK_SLOT + SPARE };

    /* Room to begin at a multiple of a large page. */
    uint8_t *p = mmap(NULL, SIZE + BULK_SLOT, PROT_READ | PROT_WRITE,
        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED)
        return;
    p += BULK_SLOT - (uintptr_t)p % BULK_SLOT;
    madvise(p, SIZE, MADV_HUGEPAGE);
    memset(p, 0, SIZE);
    bulk.buffer = p;
    bulk.heard = p + BULK_SLOT;
    bulk.tail = p + (size_t)2 * BULK_SLOT;
    bulk.fd = open("/dev/vda", O_RDWR | O_DIRECT | O_CLOEXEC);
    if (bulk.fd < 0)
        fprintf(stderr, "mayfly-agent: /dev/vda: %m\n");
}

void *
bulk_buffer(struct call *c)
{
    return bulk.buffer ? bulk.buffer : call_alloc(c, BULK_SLOT);
}

/* --- in --- */

/* The piece lies in the bulk area: into our memory with it. */
static void
fetch(struct call *c, const struct frame *f)
{
    struct port *p = c->port;
    struct bulk_piece b;

    if (!bulk_piece_get(p->in + FRAME_HEADER, f->length, &b) || bulk.fd < 0)
        port_lost("malformed bulk frame");
    size_t want = bulk_round_up(b.length);
    if (pread(bulk.fd, bulk.heard, want, b.offset) != (ssize_t)want)
        port_lost("cannot read the bulk area");
    port_drop(p, f);
    if (b.last)
        call_answer(c, FRAME_TAKEN, NULL, 0);
    c->data = bulk.heard;
    c->data_left = b.length;
}

static void
forget_frame(struct call *c)
{
    struct frame f;

    if (!c->data_in_frame)
        return;
    port_next(c->port, &f);
    port_drop(c->port, &f);
    c->data_in_frame = false;
}

/* Hear one frame of the stream in. */
static void
hear(struct call *c)
{
    struct port *p = c->port;
    struct frame f;

    forget_frame(c);
    port_next(p, &f);
    if (f.serial != c->frame.serial)
        port_lost("a frame amid the stream of another call");
    switch (f.kind) {
    case FRAME_DATA_CHUNK:
        c->data = p->in + FRAME_HEADER;
        c->data_left = f.length;
        c->data_in_frame = true;
        return;
    case FRAME_BULK:
        fetch(c, &f);
        return;
    case FRAME_HOLE:
        if (!bulk_hole_get(p->in + FRAME_HEADER, f.length, &c->hole))
            port_lost("malformed hole");
        break;
    case FRAME_END:
    case FRAME_ABORT:
        c->input_done = true;
        c->cancelled |= f.kind == FRAME_ABORT;
        break;
    default:
        port_lost("a frame out of turn");
    }
    port_drop(p, &f);
}

int
stream_next(struct call *c, struct piece *ret)
{
    *ret = (struct piece){0};
    while (!c->input_done && c->data_left == 0 && c->hole == 0)
        hear(c);
    if (c->cancelled)
        return call_error(c, ECANCELED, "cancelled");
    if (c->data_left > 0) {
        ret->data = c->data;
        ret->size = c->data_left;
        c->data_left = 0;
        return 1;
    }
    ret->hole = c->hole;
    c->hole = 0;
    return ret->hole > 0;
}

ssize_t
stream_read(struct call *c, void *data, size_t size)
{
    struct piece p;
    int r = stream_next(c, &p);

    if (r <= 0)
        return r;
    if (p.hole > 0) {
        size_t n = size < p.hole ? size : (size_t)p.hole;
        memset(data, 0, n);
        c->hole = p.hole - n;
        return (ssize_t)n;
    }
    size_t n = size < p.size ? size : p.size;
    memcpy(data, p.data, n);
    c->data = (const uint8_t *)p.data + n;
    c->data_left = p.size - n;
    return (ssize_t)n;
}

void
stream_end(struct call *c)
{
    struct frame f;

    forget_frame(c);
    while (!c->input_done) {
        port_next(c->port, &f);
        c->input_done = f.kind == FRAME_END || f.kind == FRAME_ABORT;
        port_drop(c->port, &f);
    }
}

/* --- out --- */

static int
wait_slot(struct call *c)
{
    struct frame f;

    while (c->free_slots == 0) {
        port_next(c->port, &f);
        if (f.kind != FRAME_TAKEN)
            return call_cancelled(c)
                       ? -1
                       : call_error(c, EPROTO, "a frame out of turn");
        port_drop(c->port, &f);
        c->free_slots++;
    }
    return 0;
}

/* At most BULK_SLOT bytes into the next slot. */
static int
write_slot(struct call *c, const uint8_t *data, uint32_t size)
{
    uint32_t offset = c->slot * BULK_SLOT, whole = size & ~(SPARE - 1U);
    struct bulk_piece b = {offset, size, 1};
    uint8_t text[BULK_PIECE];
    struct iovec io[2] = {
        {(void *)(uintptr_t)data, whole},
        {bulk.tail, size > whole ? SPARE : 0},
    };

    if (wait_slot(c) < 0)
        return -1;
    memcpy(bulk.tail, data + whole, size - whole);
    if (pwritev(bulk.fd, io, 2, offset) != (ssize_t)bulk_round_up(size))
        return call_fail(c, errno ? errno : EIO, "the bulk area");
    bulk_piece_put(&b, text);
    call_answer(c, FRAME_BULK, text, sizeof text);
    c->slot = (c->slot + 1) % BULK_SLOTS;
    c->free_slots--;
    return 0;
}

/* In place if it can be, else by way of a buffer that can. */
static int
write_bulk(struct call *c, const uint8_t *data, uint32_t size)
{
    if ((uintptr_t)data % 512 == 0)
        return write_slot(c, data, size);
    memcpy(bulk.heard, data, size);
    return write_slot(c, bulk.heard, size);
}

int
stream_write(struct call *c, const void *data, size_t size)
{
    bool large = size >= BULK_LEAST && bulk.fd >= 0;
    size_t most = large ? BULK_SLOT : FRAME_DATA, n;

    for (size_t done = 0; done < size; done += n) {
        const uint8_t *p = (const uint8_t *)data + done;

        n = size - done < most ? size - done : most;
        if (call_cancelled(c))
            return -1;
        if (!large)
            call_answer(c, FRAME_DATA_CHUNK, p, n);
        else if (write_bulk(c, p, (uint32_t)n) < 0)
            return -1;
    }
    return 0;
}

int
stream_hole(struct call *c, uint64_t size)
{
    uint8_t text[BULK_HOLE];

    if (call_cancelled(c))
        return -1;
    bulk_hole_put(size, text);
    if (size > 0)
        call_answer(c, FRAME_HOLE, text, sizeof text);
    return 0;
}
