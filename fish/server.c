/* SPDX-License-Identifier: GPL-2.0-or-later */
/* --listen: run the commands of clients, one at a time, each on the files of
 * its client.  The handle is shut down before the last client has its answer,
 * so that a script can use the images after "mayfish --remote exit". */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/strv.h"
#include "base/unix_socket.h"
#include "fish/remote.h"

enum {
    WAITING = 64,         /* clients in the queue */
    REQUEST_SECONDS = 10, /* for a client to send its command */
};

struct request {
    char failure;
    char **words;
    int files[REMOTE_FILES];
};

static void
request_free(struct request *r)
{
    strv_free(r->words);
    for (size_t i = 0; i < REMOTE_FILES; i++)
        if (r->files[i] >= 0)
            close(r->files[i]);
}

#define cleanup_request __attribute__((cleanup(request_free)))

/* The caller's side: wait for the byte of server_run, or the end. */
static int
wait_ready(pid_t pid, int fd, bool csh)
{
    char byte;
    int status;

    if (read_all(fd, &byte, 1) == 0) {
        printf(csh ? "setenv GUESTFISH_PID %ld\n"
                   : "GUESTFISH_PID=%ld; export GUESTFISH_PID\n",
            (long)pid);
        return tool_finish_output(TOOL_OK);
    }
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return TOOL_FAILED;
    if (WIFSIGNALED(status))
        return 128 + WTERMSIG(status);
    return WEXITSTATUS(status) ? WEXITSTATUS(status) : TOOL_FAILED;
}

int
server_fork(bool csh, int *ret_ready, int *ret_code)
{
    int ends[2];

    *ret_code = TOOL_FAILED;
    if (pipe2(ends, O_CLOEXEC) < 0) {
        tool_error("cannot make a pipe: %s", strerror(errno));
        return -1;
    }
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        close(ends[0]);
        *ret_ready = ends[1];
        *ret_code = TOOL_OK;
        return 0;
    }
    close(ends[1]);
    if (pid < 0)
        tool_error("cannot start the server: %s", strerror(errno));
    else
        *ret_code = wait_ready(pid, ends[0], csh);
    close(ends[0]);
    return -1;
}

/* Who waits for the end of our output, as $(...) does, must not wait for the
 * server. */
static int
announce(int ready, struct error *err)
{
    cleanup_close int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);

    if (nothing < 0 || dup2(nothing, STDIN_FILENO) < 0 ||
        dup2(nothing, STDOUT_FILENO) < 0)
        return error_errno(err, errno, "/dev/null");
    clearerr(stdin);
    return write_all(ready, "", 1) < 0
               ? error_errno(err, errno, "cannot announce the server")
               : 0;
}

/* The files that came with the byte; all or none. */
static int
take_files(struct msghdr *message, struct request *r)
{
    int n = 0;

    for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c;
         c = CMSG_NXTHDR(message, c)) {
        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
            continue;
        size_t count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);

        for (size_t i = 0; i < count; i++) {
            int fd;

            memcpy(&fd, CMSG_DATA(c) + i * sizeof fd, sizeof fd);
            if (n < REMOTE_FILES)
                r->files[n++] = fd;
            else
                close(fd);
        }
    }
    return n == REMOTE_FILES && !(message->msg_flags & MSG_CTRUNC) ? 0 : -1;
}

static int
take_words(struct request *r)
{
    struct stat st;

    if (fstat(r->files[REMOTE_WORDS], &st) < 0 || st.st_size < 2 ||
        st.st_size > REMOTE_MAX)
        return -1;
    size_t size = (size_t)st.st_size;
    cleanup_free char *text = malloc(size);
    if (!text || pread_all(r->files[REMOTE_WORDS], text, size, 0) < 0 ||
        text[size - 1])
        return -1;

    size_t n = 0;
    for (size_t i = 0; i < size; i++)
        n += !text[i];
    if (!(r->words = calloc(n + 1, sizeof *r->words)))
        return -1;
    const char *word = text;
    for (size_t i = 0; i < n; word += strlen(word) + 1)
        if (!(r->words[i++] = strdup(word)))
            return -1;
    return 0;
}

static int
receive(int fd, struct request *r)
{
    struct timeval patience = {.tv_sec = REQUEST_SECONDS};
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(REMOTE_FILES * sizeof(int))];
    } control;
    struct iovec byte = {&r->failure, 1};
    struct msghdr message = {
        .msg_iov = &byte,
        .msg_iovlen = 1,
        .msg_control = &control,
        .msg_controllen = sizeof control.room,
    };

    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    ssize_t n = recvmsg(fd, &message, MSG_CMSG_CLOEXEC);
    if (n < 0 || take_files(&message, r) < 0)
        return -1;
    return n == 1 ? take_words(r) : -1;
}

/* Returns the exit code for the client.  An end of the server is part of the
 * command: what the shutdown reports is the client's to know. */
static int
answer(struct shell *sh, const struct request *r)
{
    int code = TOOL_OK;

    sh->ignore_error = r->failure == REMOTE_GO_ON;
    if (shell_run_words(sh, r->words) < 0) {
        code = sh->code;
        if (sh->error.code)
            shell_report(sh, r->words[0]);
        /* A reader that stops reading is no error of the session. */
        if (r->failure == REMOTE_END && code != TOOL_PIPE_CLOSED)
            sh->quit = true;
    }
    if (sh->quit && mayfly_shutdown(sh->g) < 0)
        code = tool_fail(sh->g, TOOL_FAILED, NULL);
    fflush(stdout);
    return code;
}

/* Run the command with the client's files as our own. */
static int
answer_on_files(struct shell *sh, const struct request *r)
{
    int saved[REMOTE_FILES] = {-1, -1, -1, -1};
    int code = TOOL_FAILED;
    bool moved = true;

    for (int i = REMOTE_STDIN; i < REMOTE_FILES && moved; i++) {
        saved[i] = fcntl(i - REMOTE_STDIN, F_DUPFD_CLOEXEC, 3);
        moved = saved[i] >= 0 && dup2(r->files[i], i - REMOTE_STDIN) >= 0;
    }
    if (moved)
        code = answer(sh, r);
    /* What the client's file did not take is not for the next one. */
    __fpurge(stdout);
    clearerr(stdout);
    clearerr(stdin);
    for (int i = REMOTE_STDIN; i < REMOTE_FILES; i++) {
        if (saved[i] < 0)
            continue;
        dup2(saved[i], i - REMOTE_STDIN);
        close(saved[i]);
    }
    return code;
}

static void
serve_one(struct shell *sh, int listener)
{
    cleanup_close int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    cleanup_request struct request r = {.files = {-1, -1, -1, -1}};
    struct ucred peer;
    socklen_t size = sizeof peer;

    if (fd < 0 || getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0 ||
        (peer.uid != geteuid() && peer.uid != 0))
        return;
    if (receive(fd, &r) < 0)
        return;
    unsigned char code = (unsigned char)answer_on_files(sh, &r);
    send(fd, &code, 1, MSG_NOSIGNAL);
}

/* A signal that comes between the look at it and the wait must end the
 * wait. */
static void
serve(struct shell *sh, int listener)
{
    static const int ending[] = {SIGINT, SIGTERM, SIGHUP};
    struct pollfd wait = {.fd = listener, .events = POLLIN};
    sigset_t blocked, usual;

    sigemptyset(&blocked);
    for (size_t i = 0; i < N_ELEMENTS(ending); i++)
        sigaddset(&blocked, ending[i]);
    while (!sh->quit) {
        sigprocmask(SIG_BLOCK, &blocked, &usual);
        int n = tool_interrupted() ? -1 : ppoll(&wait, 1, NULL, &usual);
        sigprocmask(SIG_SETMASK, &usual, NULL);
        if (tool_interrupted() || (n < 0 && errno != EINTR))
            break;
        if (n > 0)
            serve_one(sh, listener);
    }
}

int
server_run(struct shell *sh, int ready)
{
    cleanup_error struct error err = {0};
    cleanup_free char *path = remote_socket(&err);

    if (path)
        unlink(path); /* of a process that had our number before */
    cleanup_close int listener = path ? unix_listen(path, WAITING, &err) : -1;
    if (listener < 0 || announce(ready, &err) < 0) {
        if (listener >= 0)
            unlink(path);
        return tool_give_up(&err, TOOL_FAILED);
    }
    close(ready);
    serve(sh, listener);
    unlink(path);
    return TOOL_OK;
}
