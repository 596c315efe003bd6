/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The inside of a call, for the files of this folder and for serve.c. */
#pragma once
#include <pthread.h>
#include <setjmp.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/frame.h"
#include "wire/wire.h"

struct deferred;
struct port;
struct worker;

struct call {
    struct port *port;
    uint32_t flags; /* HELLO_READ_ONLY and its like */
    struct frame frame;
    struct wire_arena arena;
    jmp_buf no_memory;
    bool guarded;         /* within call_guard, where no_memory leads to */
    pthread_mutex_t lock; /* over the error */
    int code;             /* of the error; 0: none */
    char error[FRAME_ERROR_MAX];
    struct worker *worker; /* at work for the call, or NULL */
    pthread_t port_thread; /* the one that may use the port */
    atomic_bool cancelled;
    double last_progress;
    struct deferred *deferred; /* to be done at the end, the last one first */

    /* The stream in: what was received and not yet taken. */
    bool input_done; /* END or ABORT was received */
    uint64_t hole;
    const uint8_t *data;
    size_t data_left;
    bool data_in_frame; /* in the first frame of the port's buffer */

    /* The stream out. */
    unsigned slot, free_slots; /* the next to fill, and how many may be */
};

/* A call that F asks for; NULL without memory. */
struct call *call_new(
    struct port *port, const struct frame *f, uint32_t flags, bool stream_in);

/* Do what is deferred, and free it. */
void call_free(struct call *c);

/* Send a frame of the call. */
void call_answer(
    struct call *c, enum frame_kind kind, const void *data, size_t size);
