/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The inside of a call, for serve.c and stream.c. */
#pragma once
#include <pthread.h>
#include <setjmp.h>
#include <stdatomic.h>

#include "appliance/agent/agent.h"
#include "wire/frame.h"
#include "wire/hello.h"

struct deferred;
struct dispatch;
struct worker;

struct server {
    int port, random;
    uint8_t *in;
    size_t in_used;
    uint8_t *out;   /* room for a header and FRAME_DATA bytes */
    uint32_t flags; /* HELLO_READ_ONLY and its like */
};

struct call {
    struct server *server;
    const struct dispatch *dispatch;
    struct frame frame;
    struct wire_arena arena;
    jmp_buf no_memory;
    pthread_mutex_t lock; /* over the error */
    int code;             /* of the error; 0: none */
    char error[FRAME_ERROR_MAX];
    struct worker *worker; /* at work for the call, or NULL */
    pthread_t port_thread; /* the one that may use the port */
    atomic_bool cancelled;
    double last_progress;
    struct deferred *deferred; /* to be done at the end, the last one first */

    /* The stream in: what was heard and not yet taken. */
    bool input_done; /* END or ABORT was heard */
    uint64_t hole;
    const uint8_t *data;
    size_t data_left;
    bool data_in_frame; /* in the first frame of the server's buffer */

    /* The stream out. */
    unsigned slot, free_slots; /* the next to fill, and how many may be */
};

/* --- serve.c --- */

/* The library is gone, or talks nonsense: there is nothing left to do. */
_Noreturn void server_lost(const char *why);

/* Wait for more input; the frame at OFFSET of it, if it is whole; the first
 * one, waited for; take that away. */
void server_read(struct server *s);
bool server_frame_at(struct server *s, size_t offset, struct frame *ret);
void server_next(struct server *s, struct frame *ret);
void server_drop(struct server *s, const struct frame *f);

void call_answer(
    struct call *c, enum frame_kind kind, const void *data, size_t size);

/* --- worker.c --- */

/* End it as soon as it is done with its present item. */
void worker_abandon(struct worker *w);

/* --- stream.c --- */

/* The call has ended: throw away what is left of its stream in. */
void stream_end(struct call *c);
