/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "fish/host.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"

extern char **environ;

pid_t
host_start_words(
    const char *program, char **argv, int in, int out, struct error *err)
{
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    sigset_t defaults;
    pid_t pid;

    sigemptyset(&defaults);
    sigaddset(&defaults, SIGINT);
    sigaddset(&defaults, SIGTERM);
    sigaddset(&defaults, SIGHUP);
    sigaddset(&defaults, SIGPIPE);
    sigaddset(&defaults, SIGXFSZ);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setsigdefault(&attributes, &defaults);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
    posix_spawn_file_actions_init(&files);
    if (in >= 0)
        posix_spawn_file_actions_adddup2(&files, in, STDIN_FILENO);
    if (out >= 0)
        posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO);

    int code = posix_spawn(&pid, program, &files, &attributes, argv, environ);
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&attributes);
    if (code)
        return error_errno(err, code, "cannot start %s", program);
    return pid;
}

pid_t
host_start(const char *command, int in, int out, struct error *err)
{
    char sh[] = "sh", c[] = "-c";
    cleanup_free char *copy = strdup(command);
    char *argv[] = {sh, c, copy, NULL};

    return copy ? host_start_words("/bin/sh", argv, in, out, err)
                : error_no_memory(err);
}

int
host_wait(pid_t pid, const char *command, struct error *err)
{
    int status;

    while (waitpid(pid, &status, 0) < 0) {
        if (errno != EINTR)
            return error_errno(err, errno, "waitpid");
    }
    command += strspn(command, " \t");
    if (WIFSIGNALED(status))
        return error_set(err, EINTR, "host command '%s' was killed by %s",
            command, strsignal(WTERMSIG(status)));
    if (WEXITSTATUS(status) != 0)
        return error_set(err, EIO, "host command '%s' exited with code %d",
            command, WEXITSTATUS(status));
    return 0;
}

int
host_run(const char *command, struct error *err)
{
    fflush(stdout);
    pid_t pid = host_start(command, -1, -1, err);

    return pid < 0 ? -1 : host_wait(pid, command, err);
}
