/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Theory of operation: we make the socket, listen on it and pass it to QEMU, so
 * a connection can be made at once: it waits until QEMU accepts it, and breaks
 * if QEMU ends.  There is no polling, QEMU needs no right to make sockets, and
 * no other process can take the name first. */
#include <config.h>

#include "lib/blocks/nbd.h"

#include <errno.h>
#include <json.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "base/unix_socket.h"
#include "lib/blocks/server.h"
#include "lib/handle/handle.h"
#include "lib/qemu/qmp.h"

enum { CONNECTIONS_MAX = 32 };

int
nbd_listen(const char *path, struct error *err)
{
    return unix_listen(path, CONNECTIONS_MAX, err);
}

/* ADDRESS has the port; what was bound comes back in it. */
static int
listen_at(struct sockaddr *address, socklen_t size, struct error *err)
{
    static const int on = 1;
    cleanup_close int fd =
        socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

    /* Reuse: connections that have ended do not keep the port. */
    if (fd < 0 ||
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0 ||
        bind(fd, address, size) < 0 || listen(fd, CONNECTIONS_MAX) < 0 ||
        getsockname(fd, address, &size) < 0)
        return error_errno(err, errno, "cannot listen");
    return steal_fd(&fd);
}

int
nbd_listen_port(uint16_t port, char **ret_address, struct error *err)
{
    struct sockaddr_in v4 = {
        .sin_family = AF_INET,
        .sin_port = htons(port),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
    struct sockaddr_in6 v6 = {
        .sin6_family = AF_INET6,
        .sin6_port = htons(port),
        .sin6_addr = IN6ADDR_LOOPBACK_INIT,
    };
    bool is_v6 = false;
    cleanup_close int fd = listen_at((struct sockaddr *)&v4, sizeof v4, err);

    if (fd < 0 && (err->code == EADDRNOTAVAIL || err->code == EAFNOSUPPORT)) {
        is_v6 = true;
        error_clear(err);
        fd = listen_at((struct sockaddr *)&v6, sizeof v6, err);
    }
    if (fd < 0)
        return error_context(err, "port %u of this machine", port);
    *ret_address = text_printf("%s:%u", is_v6 ? "[::1]" : "127.0.0.1",
        (unsigned)ntohs(is_v6 ? v6.sin6_port : v4.sin_port));
    return *ret_address ? steal_fd(&fd) : error_no_memory(err);
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

int
nbd_connect(struct mayfly *g, struct block_server *s, const char *node,
    bool writable, struct error *err)
{
    cleanup_free char *path = handle_socket_path(g, err);

    if (!path)
        return -1;
    cleanup_close int listening = nbd_listen(path, err);
    if (listening < 0)
        return -1;
    cleanup_close int fd = unix_connect(path, err);
    unlink(path);
    if (fd < 0 || nbd_serve(s, node, "", writable, listening, err) < 0)
        return -1;
    return steal_fd(&fd);
}
