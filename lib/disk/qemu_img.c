/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <config.h>

#include "lib/disk/qemu_img.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/strv.h"

enum {
    EXIT_NOT_STARTED = 127,
    COMPLAINT_MAX = 4096,
    SECONDS_MAX = 600, /* of CPU time */
    FILES_MAX = 256,
};

static const uint64_t MEMORY_MAX = (uint64_t)4 << 30;

/* In the child, between fork and exec: system calls only. */
static void
limit_self(void)
{
    const struct rlimit cpu = {SECONDS_MAX, SECONDS_MAX};
    const struct rlimit memory = {MEMORY_MAX, MEMORY_MAX};
    const struct rlimit files = {FILES_MAX, FILES_MAX};
    const struct rlimit core = {0, 0};

    setrlimit(RLIMIT_CPU, &cpu);
    setrlimit(RLIMIT_AS, &memory);
    setrlimit(RLIMIT_NOFILE, &files);
    setrlimit(RLIMIT_CORE, &core);
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
}

/* Everything up to the end, or as much as fits, as one line. */
static void
read_complaint(int fd, char text[COMPLAINT_MAX])
{
    size_t used = 0;
    char spare[512];

    for (;;) {
        bool full = used == COMPLAINT_MAX - 1;
        ssize_t n = full ? read(fd, spare, sizeof spare)
                         : read(fd, text + used, COMPLAINT_MAX - 1 - used);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            break;
        used += full ? 0 : (size_t)n;
    }
    text[used] = 0;
    text[strcspn(text, "\n")] = 0;
}

static int
wait_for(pid_t pid, int *ret_status)
{
    while (waitpid(pid, ret_status, 0) < 0)
        if (errno != EINTR)
            return -1;
    return 0;
}

int
run_img(const char *const *argv, struct error *err)
{
    int pipe_fds[2], status = 0;
    char complaint[COMPLAINT_MAX];

    if (pipe2(pipe_fds, O_CLOEXEC) < 0)
        return error_errno(err, errno, "cannot run qemu-img");

    pid_t pid = fork();
    if (pid == 0) {
        limit_self();
        dup2(pipe_fds[1], STDERR_FILENO);
        dup2(pipe_fds[1], STDOUT_FILENO);
        /* execvp promises not to write to argv. */
        execvp("qemu-img", (char *const *)(uintptr_t)argv);
        _exit(EXIT_NOT_STARTED);
    }
    int code = errno;
    close(pipe_fds[1]);
    if (pid > 0)
        read_complaint(pipe_fds[0], complaint);
    close(pipe_fds[0]);
    if (pid < 0)
        return error_errno(err, code, "cannot run qemu-img");
    if (wait_for(pid, &status) < 0)
        return error_errno(err, errno, "cannot wait for qemu-img");
    if (status == 0)
        return 0;
    if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_NOT_STARTED)
        return error_set(
            err, ENOENT, "cannot run qemu-img; install qemu-utils");

    cleanup_free char *shown = text_escape(complaint);
    const char *text = shown ? str_after(shown, "qemu-img: ") : NULL;
    return error_set(err, EIO, "qemu-img: %s",
        text              ? text
        : shown && *shown ? shown
                          : "it failed without a message");
}
