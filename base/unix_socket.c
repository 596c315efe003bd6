/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <config.h>

#include "base/unix_socket.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/strv.h"

/* A new socket, and its address in a folder whose path may be too long for
 * one. */
static int
make_socket(const char *path, struct sockaddr_un *ret, int *ret_folder,
    struct error *err)
{
    cleanup_free char *folder = path_folder(path);
    const char *slash = strrchr(path, '/');

    if (!folder)
        return error_no_memory(err);
    cleanup_close int at = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
    cleanup_close int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (at < 0 || fd < 0)
        return error_errno(err, errno, "cannot use the socket %s", path);

    *ret = (struct sockaddr_un){.sun_family = AF_UNIX};
    int n = snprintf(ret->sun_path, sizeof ret->sun_path, "/proc/self/fd/%d/%s",
        at, slash ? slash + 1 : path);
    if (n < 0 || (size_t)n >= sizeof ret->sun_path)
        return error_set(err, ENAMETOOLONG,
            "cannot use the socket %s: its name is too long", path);
    *ret_folder = steal_fd(&at);
    return steal_fd(&fd);
}

int
unix_listen(const char *path, int connections, struct error *err)
{
    struct sockaddr_un address;
    cleanup_close int folder = -1;
    cleanup_close int fd = make_socket(path, &address, &folder, err);

    if (fd < 0)
        return -1;
    /* Linux takes the mode of the socket file from the socket itself, so it is
     * never open to others, whatever the umask is. */
    if (fchmod(fd, 0600) < 0 ||
        bind(fd, (struct sockaddr *)&address, sizeof address) < 0 ||
        listen(fd, connections) < 0)
        return error_errno(err, errno, "cannot make the socket %s", path);
    return steal_fd(&fd);
}

int
unix_connect(const char *path, struct error *err)
{
    struct sockaddr_un address;
    cleanup_close int folder = -1;
    cleanup_close int fd = make_socket(path, &address, &folder, err);

    if (fd < 0)
        return -1;
    if (connect(fd, (struct sockaddr *)&address, sizeof address) < 0)
        return error_errno(err, errno, "cannot connect to %s", path);
    return steal_fd(&fd);
}
