/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <config.h>

#include "lib/blocks/attach.h"

#include <errno.h>
#include <json.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "lib/blocks/reach.h"
#include "lib/blocks/server.h"
#include "lib/disk/node.h"
#include "lib/qemu/fdset.h"
#include "lib/qemu/qmp.h"

struct attaching {
    struct mayfly *g;
    struct block_server *s;
    struct reached *reached; /* the server's */
};

static int
add_fd(void *opaque, int fd, struct error *err)
{
    const struct attaching *a = opaque;

    return block_server_add_fd(a->s, fd, err);
}

static void
release(void *reached)
{
    reached_end(reached);
}

static int
add_key(void *opaque, const struct secret *key, char ret_name[NODE_KEY_NAME],
    struct error *err)
{
    const struct attaching *a = opaque;

    return block_server_add_key(a->s, key, ret_name, err);
}

/* A node_add_server. */
static int
add_server(void *opaque, const struct disk *d, bool writable, const char *name,
    struct error *err)
{
    struct attaching *a = opaque;

    if (reach(a->g, d, writable, &a->reached, err) < 0)
        return -1;
    block_server_own(a->s, a->reached, release);
    return socket_add(
        block_server_qmp(a->s), reached_connection(a->reached), name, err);
}

/* The node NAME over the one of the server's bytes. */
static int
add_remote(struct attaching *a, const struct node_builder *builder,
    const struct disk *d, bool writable, const char *name, struct error *err)
{
    struct qmp *q = block_server_qmp(a->s);
    cleanup_free char *below = text_printf("%s-server", name);
    struct json_object *image;
    uint64_t size;

    if (!below)
        return error_no_memory(err);
    struct json_object *node = node_of_server(builder, d, !writable, err);
    if (!node || reached_add(a->reached, q, node, below, err) < 0)
        return -1;
    if (reached_is_disk(a->reached))
        image = node_on_server(d, IMAGE_RAW, below, !writable, err);
    else if (reached_probe(
                 a->reached, a->g, q, below, writable, &image, &size, err) < 0)
        return -1;
    return block_server_add_node(a->s, image, name, err);
}

int
server_add_disk(struct mayfly *g, struct block_server *s, const struct disk *d,
    bool writable, const char *name, struct error *err)
{
    struct attaching a = {.g = g, .s = s};
    const struct node_builder builder = {add_fd, add_server, add_key, &a};

    if (disk_is_remote(d))
        return add_remote(&a, &builder, d, writable, name, err);
    return block_server_add_node(s,
        writable ? node_of_disk(&builder, d, err)
                 : node_to_read(&builder, d, err),
        name, err);
}
