/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Theory of operation: a process that speaks to a server has a network, and
 * sees only the bytes that the server has; the guest's QEMU reads the image and
 * has no network.  There is one exception: an image that may grow while it is
 * written, on a server that lets it (ssh, rbd).  NBD cannot do that, so the
 * process with the driver has the image as well, and serves the disk in it.
 *
 * A server may stop answering at any point.  What waits for it in QEMU would
 * block all of QEMU, so the connection is cut then; the node fails, and QEMU
 * goes on. */
#include <config.h>

#include "lib/blocks/reach.h"

#include <errno.h>
#include <json.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/blocks/nbd.h"
#include "lib/blocks/server.h"
#include "lib/blocks/web.h"
#include "lib/disk/node.h"
#include "lib/disk/uri.h"
#include "lib/handle/handle.h"
#include "lib/qemu/process.h"
#include "lib/qemu/qmp.h"
#include "lib/remote/connect.h"
#include "lib/remote/probe.h"

struct reached {
    const struct disk *disk;
    int fd;
    bool is_disk, writable;
    struct block_server *server; /* NULL: none */
    struct qemu_process process; /* of web.h */
};

/* --- by a driver of QEMU --- */

/* blockdev-add, within the time that a server may take. */
static int
add_in_time(struct block_server *s, struct json_object *node, const char *name,
    struct error *err)
{
    struct qmp *q = block_server_qmp(s);
    int before = qmp_set_timeout(q, REMOTE_TIMEOUT);
    int result = block_server_add_node(s, node, name, err);

    qmp_set_timeout(q, before);
    if (result < 0 && err->code == ETIMEDOUT)
        return error_set(err, ETIMEDOUT,
            "the server does not answer within %d seconds", REMOTE_TIMEOUT);
    return result < 0 ? block_server_explain(s, err) : 0;
}

static int
add_image(struct mayfly *g, struct reached *r, struct error *err)
{
    struct json_object *image;
    uint64_t size;

    if (remote_probe(g, block_server_qmp(r->server), "server", -1, r->disk,
            true, &image, &size, err) < 0)
        return -1;
    r->is_disk = true;
    return add_in_time(r->server, image, "image", err);
}

static int
start_driver(
    struct mayfly *g, struct reached *r, bool writable, struct error *err)
{
    const struct disk *d = r->disk;
    bool ssh = str_equal(d->uri->driver, "ssh");
    bool may_grow = writable && !r->is_disk && uri_can_grow(d->uri);

    if (block_server_start(
            g, ssh ? BLOCKS_SSH : BLOCKS_NETWORK, &r->server, err) < 0 ||
        add_in_time(
            r->server, node_of_driver(d, !writable, err), "server", err) < 0 ||
        (may_grow && add_image(g, r, err) < 0))
        return -1;
    r->fd =
        nbd_connect(g, r->server, may_grow ? "image" : "server", writable, err);
    return r->fd < 0 ? -1 : 0;
}

/* --- all ways --- */

static int
start(struct mayfly *g, struct reached *r, bool writable, struct error *err)
{
    const struct uri *u = r->disk->uri;

    switch (uri_way(u)) {
    case URI_BY_SOCKET:
        r->fd = remote_connect(u, g->cancel_pipe[0], err);
        return r->fd < 0 ? -1 : 0;
    case URI_BY_WEB:
        return web_start(g, u, &r->process, &r->fd, err);
    case URI_BY_DRIVER:
        break;
    }
    return start_driver(g, r, writable, err);
}

int
reach(struct mayfly *g, const struct disk *d, bool writable,
    struct reached **ret, struct error *err)
{
    struct reached *r = calloc(1, sizeof *r);

    if (!r)
        return error_no_memory(err);
    *r = (struct reached){
        .disk = d,
        .fd = -1,
        .is_disk = disk_is_plain(d),
        .process = {.life = -1, .report = -1, .errors = -1},
    };
    if (start(g, r, writable, err) < 0) {
        reached_end(r);
        return -1;
    }
    r->writable = writable;
    *ret = r;
    return 0;
}

void
reached_end(struct reached *r)
{
    if (!r)
        return;
    if (r->fd >= 0)
        close(r->fd);
    /* What it keeps of an image that is written has to reach the server. */
    cleanup_error struct error ignored = {0};
    if (r->writable && r->server)
        block_server_stop(r->server, &ignored);
    else
        block_server_kill(r->server);
    qemu_process_clear(&r->process);
    free(r);
}

int
reached_connection(const struct reached *r)
{
    return r->fd;
}

bool
reached_is_disk(const struct reached *r)
{
    return r->is_disk;
}

/* QEMU's words for what an NBD server refuses do not say what to do. */
static int
explain_refusal(const struct reached *r, struct error *err)
{
    const struct uri *u = r->disk->uri;
    const char *text = error_text(err);

    if (uri_way(u) != URI_BY_SOCKET)
        return -1;
    if (strstr(text, "export not available") || strstr(text, "not present"))
        return error_set(err, ENOENT,
            "the server has no export '%s'; 'nbdinfo --list' shows those that "
            "it has",
            uri_export(u));
    if (strstr(text, "Permission denied") || strstr(text, "write access"))
        return error_set(err, EROFS,
            "the server does not let anyone write to it; add it read-only");
    return -1;
}

/* What nbdkit says is nearer to the cause than what QEMU has seen of it. */
static int
explain(struct reached *r, struct error *err)
{
    /* Nothing was written. */
    r->writable = false;
    explain_refusal(r, err);
    if (err->code != EIO && err->code != ETIMEDOUT && err->code != ECONNRESET)
        return -1;
    cleanup_free char *words = qemu_process_last_words(&r->process);
    return words ? error_set(err, err->code, "%s", words) : -1;
}

int
reached_add(struct reached *r, struct qmp *q, struct json_object *node,
    const char *name, struct error *err)
{
    struct json_object *text = json_object_new_string(name), *nothing = NULL;

    if (!text) {
        json_object_put(node);
        return error_no_memory(err);
    }
    json_object_object_add(node, "node-name", text);
    int before = qmp_set_timeout(q, REMOTE_TIMEOUT);
    int result = qmp_command(q, "blockdev-add", node, &nothing, err);
    qmp_set_timeout(q, before);
    json_object_put(nothing);
    if (result == 0)
        return 0;
    if (err->code == ETIMEDOUT || err->code == ECANCELED)
        shutdown(r->fd, SHUT_RDWR);
    explain(r, err);
    return err->code == ETIMEDOUT
               ? error_set(err, ETIMEDOUT,
                     "the server does not answer within %d seconds",
                     REMOTE_TIMEOUT)
               : -1;
}

int
reached_probe(struct reached *r, struct mayfly *g, struct qmp *q,
    const char *name, bool writable, struct json_object **ret,
    uint64_t *ret_size, struct error *err)
{
    if (remote_probe(
            g, q, name, r->fd, r->disk, writable, ret, ret_size, err) == 0)
        return 0;
    return explain(r, err);
}
