/* SPDX-License-Identifier: GPL-2.0-or-later */
/* --remote: send a command to the server. */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/strv.h"
#include "base/unix_socket.h"
#include "fish/remote.h"

static int
pack(char **words, struct error *err)
{
    cleanup_close int fd = memfd_create("words", MFD_CLOEXEC);

    size_t size = 0;

    if (fd < 0)
        return error_errno(err, errno, "cannot make a file in memory");
    for (size_t i = 0; words[i]; i++) {
        size += strlen(words[i]) + 1;
        if (size > REMOTE_MAX)
            return error_set(err, E2BIG,
                "the command is longer than %d bytes; put the text into a "
                "file",
                REMOTE_MAX);
        if (write_all(fd, words[i], strlen(words[i]) + 1) < 0)
            return error_errno(err, errno, "cannot write a file in memory");
    }
    return steal_fd(&fd);
}

static int
send_request(int fd, int words, int in, char failure, struct error *err)
{
    cleanup_close int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(REMOTE_FILES * sizeof(int))];
    } control = {0};
    struct iovec byte = {&failure, 1};
    struct msghdr message = {
        .msg_iov = &byte,
        .msg_iovlen = 1,
        .msg_control = &control,
        .msg_controllen = sizeof control.room,
    };
    int files[REMOTE_FILES] = {words};
    ssize_t n;

    for (int i = REMOTE_STDIN; i < REMOTE_FILES; i++) {
        int own = i - REMOTE_STDIN;

        files[i] = fcntl(own, F_GETFD) < 0 ? nothing : own;
    }
    if (in >= 0)
        files[REMOTE_STDIN] = in;
    control.header.cmsg_level = SOL_SOCKET;
    control.header.cmsg_type = SCM_RIGHTS;
    control.header.cmsg_len = CMSG_LEN(sizeof files);
    memcpy(CMSG_DATA(&control.header), files, sizeof files);
    while ((n = sendmsg(fd, &message, MSG_NOSIGNAL)) < 0 && errno == EINTR)
        ;
    return n == 1 ? 0 : error_errno(err, errno, "cannot send the command");
}

int
remote_run(struct shell *sh, char **words, int in)
{
    cleanup_free char *path = remote_find(sh->server, &sh->error);
    unsigned char code;
    ssize_t n;

    sh->unanswered = !path;
    cleanup_close int words_fd = path ? pack(words, &sh->error) : -1;
    if (words_fd < 0)
        return -1;
    sh->unanswered = true;
    cleanup_close int fd = unix_connect(path, &sh->error);
    if (fd < 0 ||
        send_request(fd, words_fd, in,
            sh->ignore_error || sh->interactive ? REMOTE_GO_ON : REMOTE_END,
            &sh->error) < 0)
        return -1;
    while (
        (n = read(fd, &code, 1)) < 0 && errno == EINTR && !tool_interrupted())
        ;
    if (n < 0)
        return error_errno(&sh->error, errno, "no answer of the server");
    if (n == 0)
        return error_set(
            &sh->error, EPIPE, "the server ended before it answered");
    sh->unanswered = false;
    sh->code = code;
    return code == TOOL_OK ? 0 : -1;
}
