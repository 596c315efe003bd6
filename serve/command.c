/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "serve/command.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "tool/tool.h"

static const int watched[] = {SIGINT, SIGTERM, SIGHUP};

/* As nbdkit names them; $nbd is QEMU's old form of the address. */
static int
set_variables(const char *uri, const char *name, const char *socket,
    const char *host_port)
{
    const char *port = host_port ? strrchr(host_port, ':') + 1 : "";
    cleanup_free char *nbd = text_printf("nbd:%s%s%s%s", socket ? "unix:" : "",
        socket ? socket : host_port, name[0] ? ":exportname=" : "", name);

    return !nbd || setenv("uri", uri, 1) < 0 || setenv("nbd", nbd, 1) < 0 ||
                   setenv("unixsocket", socket ? socket : "", 1) < 0 ||
                   setenv("port", port, 1) < 0 ||
                   setenv("exportname", name, 1) < 0
               ? -1
               : 0;
}

static _Noreturn void
run(const char *text)
{
    signal(SIGPIPE, SIG_DFL);
    execl("/bin/sh", "sh", "-c", text, NULL);
    _exit(127);
}

/* The command also gets what ends us, but for SIGINT, which the terminal sends
 * to both. */
static void
pass_on(pid_t child, int *passed)
{
    int number = tool_interrupted();

    if (number && number != *passed && number != SIGINT)
        kill(child, number);
    *passed = number;
}

/* With the signals blocked but in ppoll, none is missed. */
static int
wait_for(pid_t child)
{
    int fd = (int)syscall(SYS_pidfd_open, child, 0), status, passed = 0;
    struct pollfd end = {.fd = fd, .events = POLLIN};
    sigset_t blocked, old;

    sigemptyset(&blocked);
    for (size_t i = 0; i < N_ELEMENTS(watched); i++)
        sigaddset(&blocked, watched[i]);
    sigprocmask(SIG_BLOCK, &blocked, &old);
    while (fd >= 0 && end.revents == 0) {
        pass_on(child, &passed);
        if (ppoll(&end, 1, NULL, &old) < 0 && errno != EINTR)
            break;
    }
    sigprocmask(SIG_SETMASK, &old, NULL);
    if (fd >= 0)
        close(fd);
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            return TOOL_FAILED;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int
command_run(const char *text, const char *uri, const char *name,
    const char *socket, const char *host_port)
{
    if (set_variables(uri, name, socket, host_port) < 0) {
        tool_error("no memory");
        return TOOL_FAILED;
    }
    pid_t child = fork();
    if (child < 0) {
        tool_error("cannot start the command: %s", strerror(errno));
        return TOOL_FAILED;
    }
    if (child == 0)
        run(text);
    return wait_for(child);
}
