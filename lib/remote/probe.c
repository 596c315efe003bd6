/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Theory of operation: QEMU serves the node over NBD to us, for as long as the
 * header is read.  No second connection is made, of which a server may take
 * only one, and what we read is what QEMU will read.
 *
 *     header.c --NBD--> QEMU [ node ] --> server */
#include <config.h>

#include "lib/remote/probe.h"

#include <errno.h>
#include <json.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "base/unix_socket.h"
#include "lib/disk/node.h"
#include "lib/disk/uri.h"
#include "lib/handle/handle.h"
#include "lib/qemu/fdset.h"
#include "lib/qemu/qmp.h"
#include "lib/remote/nbd_source.h"

#define NAME "mayfly-probe"

static int
serve(struct qmp *q, const char *node, int listening, struct error *err)
{
    struct json_object *server = json_object_new_object();
    struct json_object *address = qmp_strings("type", "fd", NULL);
    struct json_object *data = qmp_strings("str", NAME, NULL);

    if (!server || !address || !data ||
        json_object_object_add(address, "data", data) < 0 ||
        json_object_object_add(server, "addr", address) < 0)
        return error_no_memory(err);
    /* Answered, also in a batch: what the node said before counts first, and
     * QEMU turns away who comes too early. */
    struct json_object *nothing = NULL;
    if (socket_add(q, listening, NAME, err) < 0) {
        json_object_put(server);
        return -1;
    }
    if (qmp_command(q, "nbd-server-start", server, &nothing, err) < 0)
        return -1;
    json_object_put(steal_pointer(&nothing));
    int result = qmp_command(q, "block-export-add",
        qmp_strings(
            "type", "nbd", "id", NAME, "node-name", node, "name", "", NULL),
        &nothing, err);
    json_object_put(nothing);
    return result;
}

/* A connection to the node, by a socket whose name is gone at once. */
static int
connect_to(struct mayfly *g, struct qmp *q, const char *node, struct error *err)
{
    cleanup_free char *path = handle_socket_path(g, err);

    if (!path)
        return -1;
    cleanup_close int listening = unix_listen(path, 1, err);
    if (listening < 0)
        return -1;
    int fd = serve(q, node, listening, err) < 0 ? -1 : unix_connect(path, err);
    unlink(path);
    return fd;
}

/* What names other files would make QEMU open them, on this machine or on
 * another. */
static int
check(const struct disk *d, const struct image_header *h, bool writable,
    struct error *err)
{
    if (h->format == IMAGE_VMDK)
        return error_set(err, ENOTSUP,
            "a remote vmdk image cannot be used; copy it here, or serve its "
            "content with qemu-nbd -f vmdk");
    if (image_refers(h))
        return error_set(err, EPERM,
            "a remote image must not depend on other files, and this %s image "
            "does; copy them here, or serve its content with qemu-nbd",
            image_format_name(h->format));
    if (h->encrypted)
        return error_set(err, ENOTSUP,
            "an encrypted image (LUKS in qcow2) on a server cannot be used; "
            "copy it here, or serve its content with qemu-nbd and its key");
    if (writable && h->format != IMAGE_RAW && !uri_can_grow(d->uri))
        return error_set(err, EROFS,
            "the %s image could not grow on this server; add it read-only, or "
            "serve its content with qemu-nbd -f %s",
            image_format_name(h->format), image_format_name(h->format));
    if (writable && h->write_refused)
        return error_set(err, EROFS, "%s; add it read-only", h->write_refused);
    return 0;
}

static int
read_header(struct mayfly *g, struct qmp *q, const char *node, int connection,
    const enum image_format *given, struct image_header *ret, struct error *err)
{
    cleanup_error struct error ignored = {0};
    cleanup_close int fd = connect_to(g, q, node, err);
    struct nbd_source source = {.fd = fd, .cancel_fd = g->cancel_pipe[0]};
    struct image_source src;
    int result = fd < 0 ? -1 : nbd_source_open(&source, &src, err);

    if (fd < 0)
        block_explain(err);
    if (result == 0)
        result = image_read(&src, given, ret, err);
    if (result < 0 && connection >= 0)
        shutdown(connection, SHUT_RDWR);
    if (fd >= 0)
        close(steal_fd(&fd));
    /* Also what is exported. */
    if (qmp_command(q, "nbd-server-stop", NULL, NULL, &ignored) < 0 &&
        result == 0) {
        image_header_clear(ret);
        return error_move(err, &ignored);
    }
    return result;
}

int
remote_probe(struct mayfly *g, struct qmp *q, const char *node, int connection,
    const struct disk *d, bool writable, struct json_object **ret,
    uint64_t *ret_size, struct error *err)
{
    cleanup_image_header struct image_header h = {0};

    if (read_header(g, q, node, connection, d->format_given ? &d->format : NULL,
            &h, err) < 0 ||
        check(d, &h, writable, err) < 0)
        return -1;
    handle_debug(g, "%s: %s, %llu bytes", node, image_format_name(h.format),
        (unsigned long long)h.size);
    struct json_object *image =
        node_on_server(d, h.format, node, !writable, err);
    if (!image)
        return -1;
    *ret = image;
    *ret_size = h.size;
    return 0;
}
