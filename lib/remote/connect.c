/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <config.h>

#include "lib/remote/connect.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/strv.h"
#include "base/unix_socket.h"

/* What each NBD server says first. */
#define GREETING "NBDMAGIC"

/* 0; or -1 with errno, at the DEADLINE too. */
static int
await(int fd, short events, int cancel_fd, double deadline)
{
    struct pollfd files[] = {
        {.fd = fd, .events = events},
        {.fd = cancel_fd, .events = POLLIN},
    };

    for (;;) {
        double left = deadline - monotonic_seconds();
        int n = poll(
            files, N_ELEMENTS(files), left > 0 ? (int)(left * 1e3) + 1 : 0);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        if (files[1].revents)
            return errno = ECANCELED, -1;
        if (files[0].revents)
            return 0;
        if (left <= 0)
            return errno = ETIMEDOUT, -1;
    }
}

/* One of the host's addresses; -1 with errno. */
static int
connect_to(const struct addrinfo *a, int cancel_fd, double deadline)
{
    cleanup_close int fd =
        socket(a->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    int failure = 0;
    socklen_t size = sizeof failure;

    if (fd < 0)
        return -1;
    if (connect(fd, a->ai_addr, a->ai_addrlen) < 0 &&
        (errno != EINPROGRESS || await(fd, POLLOUT, cancel_fd, deadline) < 0 ||
            getsockopt(fd, SOL_SOCKET, SO_ERROR, &failure, &size) < 0))
        return -1;
    return failure ? (errno = failure, -1) : steal_fd(&fd);
}

/* A server that vanishes is noticed; small requests do not wait for others. */
static void
tune(int fd)
{
    static const int on = 1;

    setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

static int
connect_host(
    const struct uri *u, int cancel_fd, double deadline, struct error *err)
{
    static const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    cleanup_free char *host = text_escape(u->host);
    struct addrinfo *list = NULL;
    int fd = -1, code = getaddrinfo(u->host, u->port, &hints, &list);

    if (code)
        return error_set(err, EHOSTUNREACH, "cannot find the host %s: %s",
            host ? host : "?",
            code == EAI_SYSTEM ? strerror(errno) : gai_strerror(code));
    errno = EHOSTUNREACH;
    for (const struct addrinfo *a = list; a && fd < 0; a = a->ai_next) {
        fd = connect_to(a, cancel_fd, deadline);
        if (fd < 0 && (errno == ECANCELED || errno == ETIMEDOUT))
            break;
    }
    code = errno;
    freeaddrinfo(list);
    if (fd < 0)
        return error_errno(err, code, "cannot connect to %s, port %s",
            host ? host : "?", u->port);
    tune(fd);
    return fd;
}

/* A server that accepts and says nothing, or that speaks something else, is
 * found here: QEMU would wait for it for ever.  Nothing is taken from the
 * socket. */
static int
check_greeting(int fd, int cancel_fd, double deadline)
{
    char greeting[sizeof GREETING - 1];
    struct timeval patience = {.tv_sec = REMOTE_TIMEOUT}, none = {0};

    if (await(fd, POLLIN, cancel_fd, deadline) < 0)
        return -1;
    if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) < 0)
        return -1;
    ssize_t n = recv(fd, greeting, sizeof greeting, MSG_PEEK | MSG_WAITALL);
    int code = n < 0    ? errno == EAGAIN ? ETIMEDOUT : errno
               : n == 0 ? ECONNRESET
               : memcmp(greeting, GREETING, (size_t)n) != 0 ? EPROTO
               : n < (ssize_t)sizeof greeting               ? ETIMEDOUT
                                                            : 0;
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &none, sizeof none);
    return code ? (errno = code, -1) : 0;
}

static int
explain(const struct uri *u, int code, struct error *err)
{
    cleanup_free char *place =
        u->socket ? strdup(u->socket)
                  : text_printf("%s, port %s,", u->host, u->port);
    cleanup_free char *shown = place ? text_escape(place) : NULL;

    if (code == ETIMEDOUT)
        return error_set(err, code,
            "%s does not answer: no NBD greeting within %d seconds",
            shown ? shown : "?", REMOTE_TIMEOUT);
    if (code == EPROTO)
        return error_set(
            err, code, "%s is not an NBD server", shown ? shown : "?");
    if (code == ECONNRESET)
        return error_set(
            err, code, "%s closes the connection at once", shown ? shown : "?");
    return error_errno(err, code, "cannot read from %s", shown ? shown : "?");
}

/* QEMU expects a socket that blocks. */
static int
set_blocking(int fd)
{
    int flags = fcntl(fd, F_GETFL);

    return flags < 0 ? -1 : fcntl(fd, F_SETFL, flags & ~O_NONBLOCK);
}

int
remote_connect(const struct uri *u, int cancel_fd, struct error *err)
{
    double deadline = monotonic_seconds() + REMOTE_TIMEOUT;
    cleanup_close int fd = u->socket
                               ? unix_connect(u->socket, err)
                               : connect_host(u, cancel_fd, deadline, err);

    if (fd < 0)
        return -1;
    if (set_blocking(fd) < 0 || check_greeting(fd, cancel_fd, deadline) < 0)
        return errno == ECANCELED ? error_set(err, ECANCELED, "cancelled")
                                  : explain(u, errno, err);
    return steal_fd(&fd);
}
