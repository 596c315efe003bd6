/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "tool/subprocess.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "tool/signals.h"

static _Noreturn void
child(const char *path, char *const *argv, const int *inherit, size_t n_inherit,
    int output, int out)
{
    /* The child must not outlive us. */
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    for (size_t i = 0; i < n_inherit; i++)
        fcntl(inherit[i], F_SETFD, 0);
    dup2(output, STDERR_FILENO);
    dup2(out < 0 ? output : out, STDOUT_FILENO);
    execv(path, argv);
    dprintf(STDERR_FILENO, "cannot run %s: %s\n", path, strerror(errno));
    _exit(127);
}

static int
start(struct subprocess *s, const char *path, char *const *argv,
    const int *inherit, size_t n_inherit, int out, struct error *err)
{
    int pipes[2];

    *s = (struct subprocess){.output = -1};
    if (pipe2(pipes, O_CLOEXEC) < 0)
        return error_errno(err, errno, "cannot make a pipe");

    pid_t pid = fork();
    if (pid == 0)
        child(path, argv, inherit, n_inherit, pipes[1], out);
    close(pipes[1]);
    if (pid < 0) {
        int code = errno;

        close(pipes[0]);
        return error_errno(err, code, "cannot start %s", path);
    }
    s->pid = pid;
    s->output = pipes[0];
    return 0;
}

int
subprocess_start(struct subprocess *s, const char *path, char *const *argv,
    const int *inherit, size_t n_inherit, struct error *err)
{
    return start(s, path, argv, inherit, n_inherit, -1, err);
}

int
subprocess_start_to(struct subprocess *s, const char *path, char *const *argv,
    int out, struct error *err)
{
    return start(s, path, argv, NULL, 0, out, err);
}

static int
reap(struct subprocess *s)
{
    int status = -1;

    while (waitpid(s->pid, &status, 0) < 0 && errno == EINTR)
        ;
    s->pid = 0;
    close(s->output);
    s->output = -1;
    return status;
}

int
subprocess_wait(struct subprocess *s, struct error *err)
{
    for (;;) {
        char rest[256];
        size_t room = sizeof s->text - 1 - s->used;
        ssize_t n = room ? read(s->output, s->text + s->used, room)
                         : read(s->output, rest, sizeof rest);

        if (tool_interrupted())
            kill(s->pid, SIGTERM);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            break;
        s->used += room ? (size_t)n : 0;
    }

    int status = reap(s);
    if (tool_interrupted())
        return error_set(err, EINTR, "interrupted");
    s->text[s->used] = 0;
    s->text[strcspn(s->text, "\n")] = 0;
    if (status != 0)
        return error_set(
            err, EIO, "%s", *s->text ? s->text : "it ended without a message");
    return 0;
}

/* A QEMU daemon that waits for a network does not end by itself. */
void
subprocess_stop(struct subprocess *s)
{
    enum { PATIENCE = 2000 }; /* ms */

    if (s->pid <= 0)
        return;
    kill(s->pid, SIGTERM);

    cleanup_close int fd = (int)syscall(SYS_pidfd_open, s->pid, 0);
    struct pollfd end = {.fd = fd, .events = POLLIN};
    if (fd < 0 || poll(&end, 1, PATIENCE) <= 0)
        kill(s->pid, SIGKILL);
    reap(s);
}
