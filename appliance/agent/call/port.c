/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Theory of operation: one port, read into one buffer that always holds the
 * frames that were received and not yet used, the first one at its start.  The
 * loop of serve.c takes the first frame; a call may look ahead for a CANCEL of
 * its own (call_cancelled) or take the frames of its stream (stream.c);
 * nothing else of the buffer is touched.
 *
 * A malformed frame ends the appliance, since there is no way to find one's
 * place in the stream again. */
#include <config.h>

#include "appliance/agent/call/port.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/reboot.h>
#include <unistd.h>

#include "wire/frame.h"

enum {
    INPUT_ROOM = 2 * (FRAME_HEADER + FRAME_MAX),
    WRITE_MAX = 256 << 10, /* one write to the port: what the driver takes */
};

/* The VM ends by a reset, as after a panic: QEMU runs with -no-reboot. */
_Noreturn void
agent_power_off(void)
{
    fflush(NULL);
    if (getpid() == 1)
        reboot(RB_AUTOBOOT);
    _exit(1);
}

_Noreturn void
port_lost(const char *why)
{
    printf("agent: %s\n", why);
    agent_power_off();
}

void
port_open(struct port *p, int fd)
{
    *p = (struct port){
        .fd = fd,
        .in = malloc(INPUT_ROOM),
        .out = malloc(FRAME_HEADER + FRAME_DATA),
    };
    if (!p->in || !p->out)
        port_lost("no memory");
    /* Touched now, in the template, and not by every resumed appliance. */
    memset(p->in, 0, INPUT_ROOM);
    memset(p->out, 0, FRAME_HEADER + FRAME_DATA);
}

void
port_close(struct port *p)
{
    free(p->in);
    free(p->out);
    *p = (struct port){.fd = -1};
}

static void
read_more(struct port *p)
{
    ssize_t n;

    do
        n = read(p->fd, p->in + p->in_used, INPUT_ROOM - p->in_used);
    while (n < 0 && errno == EINTR);
    if (n < 0 && errno == EAGAIN) {
        struct pollfd wait = {.fd = p->fd, .events = POLLIN};

        poll(&wait, 1, -1);
        return;
    }
    if (n <= 0)
        port_lost("the library has hung up");
    p->in_used += (size_t)n;
}

void
port_read_ready(struct port *p)
{
    struct pollfd ready = {.fd = p->fd, .events = POLLIN};

    if (p->in_used < INPUT_ROOM && poll(&ready, 1, 0) > 0 &&
        (ready.revents & (POLLIN | POLLHUP)))
        read_more(p);
}

bool
port_frame_at(struct port *p, size_t offset, struct frame *ret)
{
    if (p->in_used - offset < FRAME_HEADER)
        return false;
    if (!frame_get(p->in + offset, ret))
        port_lost("malformed frame");
    return p->in_used - offset - FRAME_HEADER >= ret->length;
}

void
port_next(struct port *p, struct frame *ret)
{
    while (!port_frame_at(p, 0, ret))
        read_more(p);
}

void
port_drop(struct port *p, const struct frame *f)
{
    size_t n = FRAME_HEADER + (size_t)f->length;

    memmove(p->in, p->in + n, p->in_used - n);
    p->in_used -= n;
}

static void
write_all_of(struct port *p, const void *data, size_t size)
{
    for (size_t done = 0; done < size;) {
        size_t n = size - done < WRITE_MAX ? size - done : WRITE_MAX;
        ssize_t k = write(p->fd, (const uint8_t *)data + done, n);

        if (k < 0 && errno == EINTR)
            continue;
        if (k < 0 && errno == EAGAIN) {
            struct pollfd wait = {.fd = p->fd, .events = POLLOUT};

            poll(&wait, 1, -1);
            continue;
        }
        if (k <= 0)
            port_lost("cannot write to the port");
        done += (size_t)k;
    }
}

void
port_send(struct port *p, enum frame_kind kind, uint16_t call, uint32_t serial,
    const void *data, size_t size)
{
    struct frame f = {(uint32_t)size, (uint16_t)kind, call, serial};

    frame_put(&f, p->out);
    if (size <= FRAME_DATA) {
        /* One write, one notification of the host. */
        if (size > 0)
            memcpy(p->out + FRAME_HEADER, data, size);
        write_all_of(p, p->out, FRAME_HEADER + size);
        return;
    }
    write_all_of(p, p->out, FRAME_HEADER);
    write_all_of(p, data, size);
}
