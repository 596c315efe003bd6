/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A program at the other end of the channel that is not our agent: it says
 * hello like the agent and then does what a test wants. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "lib/handle/handle.h"
#include "wire/frame.h"
#include "wire/hello.h"

struct fake_agent {
    int fd;
    struct frame last; /* the last frame it heard */
    uint8_t data[FRAME_MAX];
};

/* --- for the agent's side: a process of its own, which may just exit --- */

/* Wait for a frame; exits at the end of the connection. */
void fake_hear(struct fake_agent *a);

/* Wait for the CALL frame; skip other frames. */
void fake_hear_call(struct fake_agent *a);

void fake_send(const struct fake_agent *a, const void *data, size_t n);

/* Answer the last frame received with a frame. */
void fake_frame(const struct fake_agent *a, enum frame_kind kind,
    const void *data, size_t n);

/* The same with everything given. */
void fake_any_frame(const struct fake_agent *a, uint32_t length, uint16_t kind,
    uint16_t call, uint32_t serial);

/* Receive the hello, and answer it as the real agent does. */
void fake_hear_hello(struct fake_agent *a, struct hello *ret);
void fake_answer_hello(
    const struct fake_agent *a, const uint8_t *nonce, const char *hash);
void fake_greet(struct fake_agent *a);

/* --- for the test's side --- */

typedef void (*fake_script)(struct fake_agent *a);

struct fake_session {
    struct mayfly *g;
    pid_t pid;
    int fd;
};

/* Make a handle whose channel leads to a process that runs SCRIPT; hello is not
 * sent yet. */
void fake_start(struct fake_session *s, fake_script script);

/* Say hello. */
int fake_hello(struct fake_session *s, double timeout);
void fake_end(struct fake_session *s);
