/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Theory of operation: we make the socket, listen on it and pass it to QEMU, so
 * a connection can be made at once: it waits until QEMU accepts it, and breaks
 * if QEMU ends.  There is no polling, QEMU needs no right to make sockets, and
 * no other process can take the name first. */
#include <config.h>

#include "lib/blocks/nbd.h"

#include <errno.h>
#include <fcntl.h>
#include <json.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "lib/blocks/server.h"
#include "lib/qemu/qmp.h"

enum { CONNECTIONS_MAX = 32 };

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
nbd_listen(const char *path, struct error *err)
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
        listen(fd, CONNECTIONS_MAX) < 0)
        return error_errno(err, errno, "cannot make the socket %s", path);
    return steal_fd(&fd);
}

int
nbd_connect(const char *path, struct error *err)
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

static void
add_bool(struct json_object *o, const char *key, bool value)
{
    json_object_object_add(o, key, json_object_new_boolean(value));
}

int
nbd_serve(struct block_server *s, const char *node, const char *name,
    bool writable, int fd, struct error *err)
{
    struct qmp *q = block_server_qmp(s);
    struct json_object *address = qmp_strings("type", "fd", NULL);
    struct json_object *server = json_object_new_object();
    struct json_object *image = qmp_strings(
        "type", "nbd", "id", "image", "node-name", node, "name", name, NULL);

    json_object_object_add(address, "data", qmp_strings("str", "nbd", NULL));
    json_object_object_add(server, "addr", address);
    json_object_object_add(
        server, "max-connections", json_object_new_int(CONNECTIONS_MAX));
    add_bool(image, "writable", writable);
    add_bool(image, "allocation-depth", true);
    if (qmp_command_fd(
            q, "getfd", qmp_strings("fdname", "nbd", NULL), fd, err) < 0) {
        json_object_put(server);
        json_object_put(image);
        return -1;
    }
    if (qmp_command(q, "nbd-server-start", server, NULL, err) < 0) {
        json_object_put(image);
        return -1;
    }
    return qmp_command(q, "block-export-add", image, NULL, err);
}
