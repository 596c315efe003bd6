/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "tests/unit/fake-agent.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "codec.h"
#include "lib/rpc/channel.h"

void
fake_hear(struct fake_agent *a)
{
    uint8_t header[FRAME_HEADER];

    if (read_all(a->fd, header, sizeof header) < 0 ||
        !frame_get(header, &a->last) ||
        read_all(a->fd, a->data, a->last.length) < 0)
        _exit(0);
}

void
fake_hear_call(struct fake_agent *a)
{
    do
        fake_hear(a);
    while (a->last.kind != FRAME_CALL);
}

void
fake_send(const struct fake_agent *a, const void *data, size_t n)
{
    if (write_all(a->fd, data, n) < 0)
        _exit(0);
}

void
fake_any_frame(const struct fake_agent *a, uint32_t length, uint16_t kind,
    uint16_t call, uint32_t serial)
{
    const struct frame f = {length, kind, call, serial};
    uint8_t header[FRAME_HEADER];

    frame_put(&f, header);
    fake_send(a, header, sizeof header);
}

void
fake_frame(const struct fake_agent *a, enum frame_kind kind, const void *data,
    size_t n)
{
    fake_any_frame(
        a, (uint32_t)n, (uint16_t)kind, a->last.call, a->last.serial);
    fake_send(a, data, n);
}

void
fake_hear_hello(struct fake_agent *a, struct hello *ret)
{
    struct wire_arena arena = {.cap = 4096};

    fake_hear(a);
    struct wire_reader r = {a->data, a->last.length, false, &arena};
    if (a->last.kind != FRAME_HELLO || !hello_get(&r, ret))
        abort();
    wire_arena_free(&arena);
}

void
fake_answer_hello(
    const struct fake_agent *a, const uint8_t *nonce, const char *hash)
{
    struct hello_answer answer = {.hash = hash};
    struct wire_writer w = {.cap = 4096};

    memcpy(answer.nonce, nonce, HELLO_NONCE);
    hello_answer_put(&w, &answer);
    fake_frame(a, FRAME_HELLO, w.p, w.used);
    wire_writer_free(&w);
}

void
fake_greet(struct fake_agent *a)
{
    struct hello h;

    fake_hear_hello(a, &h);
    fake_answer_hello(a, h.nonce, API_HASH);
}

void
fake_start(struct fake_session *s, fake_script script)
{
    struct error err = {0};
    int fds[2];

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0)
        abort();
    s->pid = fork();
    if (s->pid == 0) {
        static struct fake_agent agent;

        close(fds[0]);
        agent.fd = fds[1];
        signal(SIGPIPE, SIG_DFL);
        script(&agent);
        /* Everything is said; keep the connection open. */
        for (char c; read(agent.fd, &c, 1) > 0;)
            ;
        _exit(0);
    }
    close(fds[1]);
    s->fd = fds[0];
    s->g = mayfly_create();
    if (s->pid < 0 || !s->g)
        abort();
    s->g->channel =
        channel_new(s->fd, s->g->cancel_pipe[0], &s->g->cancelled, &err);
    if (!s->g->channel)
        abort();
}

int
fake_hello(struct fake_session *s, double timeout)
{
    if (channel_greet(s->g->channel, "test", 0, &s->g->error) < 0 ||
        channel_hello(s->g->channel, timeout, &s->g->error) < 0)
        return -1;
    s->g->state = HANDLE_READY;
    return 0;
}

void
fake_end(struct fake_session *s)
{
    s->g->state = HANDLE_DEAD; /* there is no engine to stop */
    close(s->fd);
    kill(s->pid, SIGKILL);
    waitpid(s->pid, NULL, 0);
    mayfly_close(s->g);
}
