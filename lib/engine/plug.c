/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Putting a disk into the running appliance.
 *
 *     read-write:  scsi-hd -> image -> file(s)
 *     read-only:   scsi-hd -> overlay -> image -> file(s)
 *                             (a nameless temporary file, new each time)
 *
 * One blockdev-add makes the whole tree, except for remote images: their format
 * and size are known only once QEMU is connected, so what the server has comes
 * first, and the image refers to that by name. */
#include <config.h>

#include "lib/engine/plug.h"

#include <errno.h>
#include <json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/blocks/reach.h"
#include "lib/disk/node.h"
#include "lib/disk/overlay.h"
#include "lib/engine/engine-internal.h"
#include "lib/handle/handle.h"
#include "lib/qemu/argv.h"
#include "lib/qemu/fdset.h"
#include "lib/qemu/nodes.h"
#include "lib/qemu/qemu_secret.h"
#include "lib/qemu/qmp.h"

struct plugging {
    struct engine *e;
    const struct disk *d;
    struct plugged *made;
    unsigned n_keys; /* that QEMU has, for the node that is added */
};

/* A node_add_fd that records the set, so that it can be returned. */
static int
add_fd(void *opaque, int fd, struct error *err)
{
    const struct plugging *p = opaque;
    struct plugged *made = p->made;
    int *more = realloc(made->sets, (made->n_sets + 1) * sizeof *more);

    if (!more)
        return error_no_memory(err);
    made->sets = more;

    int set = engine_add_fd(p->e, fd, -1, err);
    if (set >= 0)
        made->sets[made->n_sets++] = set;
    return set;
}

/* A node_add_server. */
static int
add_server(void *opaque, const struct disk *d, bool writable, const char *name,
    struct error *err)
{
    const struct plugging *p = opaque;

    if (reach(p->e->launch.g, d, writable, &p->made->reached, err) < 0)
        return -1;
    return socket_add(
        engine_qmp(p->e), reached_connection(p->made->reached), name, err);
}

static int
add_key(void *opaque, const struct secret *key, char ret_name[NODE_KEY_NAME],
    struct error *err)
{
    struct plugging *p = opaque;

    if (qemu_secret_add(engine_qmp(p->e), key, p->n_keys, err) < 0)
        return -1;
    qemu_secret_name(p->n_keys++, ret_name);
    return 0;
}

/* Add a node under NAME, which is stored in *ret_name.  Takes over NODE. */
static int
add_node(struct plugging *p, struct json_object *node, char *name,
    char **ret_name, struct error *err)
{
    if (!node || !name) {
        json_object_put(node);
        free(name);
        return node ? error_no_memory(err) : -1;
    }
    json_object_object_add(node, "node-name", json_object_new_string(name));
    *ret_name = name;
    return qmp_command(engine_qmp(p->e), "blockdev-add", node, NULL, err);
}

static int
remove_node(struct engine *e, const char *name, struct error *err)
{
    return qmp_command(engine_qmp(e), "blockdev-del",
        qmp_strings("node-name", name, NULL), NULL, err);
}

/* The size of a node in bytes, from QEMU's list of nodes; 0: not in it. */
static uint64_t
find_size(const struct json_object *nodes, const char *name)
{
    for (size_t i = 0; i < json_object_array_length(nodes); i++) {
        struct json_object *node = json_object_array_get_idx(nodes, i);
        struct json_object *node_name, *image, *size;

        if (json_object_object_get_ex(node, "node-name", &node_name) &&
            str_equal(json_object_get_string(node_name), name) &&
            json_object_object_get_ex(node, "image", &image) &&
            json_object_object_get_ex(image, "virtual-size", &size))
            return json_object_get_uint64(size);
    }
    return 0;
}

static int
remote_size(struct plugging *p, uint64_t *ret, struct error *err)
{
    struct json_object *nodes;

    if (nodes_list(engine_qmp(p->e), &nodes, err) < 0)
        return -1;
    *ret = find_size(nodes, p->made->node_below);
    json_object_put(nodes);
    return *ret ? 0 : error_set(err, EIO, "its size is not known");
}

/* From then on, read from the overlay what was read once. */
static struct json_object *
copy_on_read(struct json_object *overlay)
{
    struct json_object *o = overlay ? json_object_new_object() : NULL;

    if (!o) {
        json_object_put(overlay);
        return NULL;
    }
    json_object_object_add(o, "driver", json_object_new_string("copy-on-read"));
    json_object_object_add(o, "file", overlay);
    return o;
}

/* The bytes of the server, a node of its own; *ret becomes the image on it. */
static int
add_remote(struct plugging *p, const struct node_builder *builder,
    unsigned target, struct json_object **ret, uint64_t *ret_size,
    struct error *err)
{
    const struct disk *d = p->d;
    struct json_object *node = node_of_server(builder, d, false, err);

    if (!node || !(p->made->node_below = text_printf("remote%u", target))) {
        json_object_put(node);
        return node ? error_no_memory(err) : -1;
    }
    struct reached *r = p->made->reached;
    if (reached_add(r, engine_qmp(p->e), node, p->made->node_below, err) < 0)
        return -1;
    if (!reached_is_disk(r))
        return reached_probe(r, p->e->launch.g, engine_qmp(p->e),
            p->made->node_below, !d->read_only, ret, ret_size, err);
    if (d->read_only && remote_size(p, ret_size, err) < 0)
        return -1;
    *ret = node_on_server(d, IMAGE_RAW, p->made->node_below, false, err);
    return *ret ? 0 : -1;
}

static int
add_nodes(struct plugging *p, unsigned target, struct error *err)
{
    const struct node_builder builder = {add_fd, add_server, add_key, p};
    const struct disk *d = p->d;
    uint64_t size = disk_size(d);
    struct json_object *node = NULL;
    if (!disk_is_remote(d))
        node = node_of_disk(&builder, d, err);
    else if (add_remote(p, &builder, target, &node, &size, err) < 0)
        return -1;

    char *name = text_printf("disk%u", target);
    if (!node || !d->read_only)
        return add_node(p, node, name, &p->made->node, err);

    cleanup_close int fd =
        overlay_open(handle_tmpdir(p->e->launch.g), size, err);
    if (fd < 0) {
        json_object_put(node);
        free(name);
        return -1;
    }
    struct json_object *top = node_of_overlay(&builder, fd, node, err);
    return add_node(p, d->copy_on_read ? copy_on_read(top) : top, name,
        &p->made->node, err);
}

/* The end of a batch; RESULT is -1 if a command could not be sent.  A refusal
 * by QEMU takes precedence over that error. */
static int
gather(struct engine *e, int result, struct error *sending, struct error *err)
{
    if (qmp_gather(engine_qmp(e), 0, err) < 0) {
        error_clear(sending);
        return block_explain(err);
    }
    return result < 0 ? error_move(err, sending) : 0;
}

/* Remove the nodes that add_nodes made, as far as they exist. */
static int
remove_nodes(struct engine *e, unsigned target, struct error *err)
{
    const struct plugged *made = &e->plugged[target];
    struct error sending = {0};

    qmp_batch(engine_qmp(e));
    int result = made->node ? remove_node(e, made->node, &sending) : 0;
    if (result == 0 && made->node_below)
        result = remove_node(e, made->node_below, &sending);
    for (size_t i = 0; result == 0 && i < made->n_sets; i++)
        result = engine_remove_fd(e, made->sets[i], &sending);
    /* Until QEMU has closed it, its server is needed. */
    struct reached *reached = made->reached;
    e->plugged[target].reached = NULL;
    engine_forget_disk(e, target);
    result = gather(e, result, &sending, err);
    reached_end(reached);
    return result;
}

/* RET_KEYS: the keys that QEMU has then. */
static int
plug(struct engine *e, const struct disk *d, unsigned target,
    unsigned *ret_keys, struct error *err)
{
    struct plugging p = {e, d, &e->plugged[target], 0};

    engine_forget_disk(e, target);
    if (vm_allow_disk(&e->vm, d, err) < 0)
        return -1;

    int result = add_nodes(&p, target, err);
    *ret_keys = p.n_keys;
    if (result < 0)
        return -1;
    return engine_plug(
        e, p.made->node, target, (unsigned)d->block_size, d->label, err);
}

static int
name_disk(const struct disk *d, struct error *err)
{
    cleanup_free char *shown = text_escape(d->path);

    return error_context(err, "%s", shown ? shown : "?");
}

int
plug_explain(const struct disk *d, struct error *err)
{
    block_explain(err);
    return name_disk(d, err);
}

int
plug_disk_begin(
    struct engine *e, const struct disk *d, unsigned target, struct error *err)
{
    /* QEMU opens the image again when it resumes, and needs them until then. */
    return plug(e, d, target, &e->slot_keys, err) < 0 ? name_disk(d, err) : 0;
}

int
plug_disk(
    struct engine *e, const struct disk *d, unsigned target, struct error *err)
{
    struct error sending = {0};
    cleanup_error struct error later = {0};
    unsigned keys = 0;

    if (engine_clear_target(e, target, err) < 0)
        return -1;
    qmp_batch(engine_qmp(e));
    int result = plug(e, d, target, &keys, &sending);
    if (qemu_secrets_remove(
            engine_qmp(e), keys, result < 0 ? &later : &sending) < 0)
        result = -1;
    if (gather(e, result, &sending, err) < 0) {
        cleanup_error struct error ignored = {0};

        remove_nodes(e, target, &ignored);
        return name_disk(d, err);
    }
    return 0;
}

int
unplug_disk(struct engine *e, unsigned target, struct error *err)
{
    if (engine_unplug(e, target, err) < 0)
        return -1;
    return remove_nodes(e, target, err);
}

/* --- writes that failed --- */

static const struct disk *
find_node(const struct engine *e, const char *node)
{
    const struct mayfly *g = e->launch.g;

    for (size_t i = 0; i < g->n_disks; i++) {
        const char *name = e->plugged[i].node;

        if (name && str_equal(name, node))
            return g->disks[i];
    }
    return NULL;
}

/* The error for a BLOCK_IO_ERROR event, if it is about a write. */
static int
judge_event(
    const struct engine *e, const struct json_object *event, struct error *err)
{
    struct json_object *data;

    if (!json_object_object_get_ex(event, "data", &data) ||
        !str_equal(qmp_text(data, "operation"), "write"))
        return 0;

    const struct disk *d = find_node(e, qmp_text(data, "node-name"));
    cleanup_free char *path = text_escape(d ? d->path : "a disk");
    cleanup_free char *reason = text_escape(qmp_text(data, "reason"));
    int code =
        str_equal(qmp_text(data, "reason"), strerror(ENOSPC)) ? ENOSPC : EIO;
    return error_set(err, code, "%s: some writes failed%s: %s",
        path ? path : "?", d && d->read_only ? " to its temporary copy" : "",
        reason ? reason : "?");
}

int
plug_check_writes(struct engine *e, struct error *err)
{
    struct qmp *q = engine_qmp(e);
    int result = 0;

    if (qmp_command(q, "query-status", NULL, NULL, err) < 0)
        return -1;
    for (struct json_object *event;
         (event = qmp_take_event(q, "BLOCK_IO_ERROR"));) {
        if (result == 0)
            result = judge_event(e, event, err);
        json_object_put(event);
    }
    return result;
}

/* --- files that QEMU was not given --- */

int
plug_ask_nodes(struct engine *e, int64_t *ret_question, struct error *err)
{
    return nodes_ask(engine_qmp(e), ret_question, err);
}

int
plug_judge_nodes(
    struct engine *e, int64_t question, const struct disk *d, struct error *err)
{
    char bulk[32];
    unsigned n_connections = 0;

    for (unsigned i = 0; i < ENGINE_TARGETS; i++)
        n_connections += e->plugged[i].reached != NULL;
    snprintf(bulk, sizeof bulk, "/proc/self/fd/%d", QEMU_FD_BULK);
    if (nodes_judge(engine_qmp(e), question, bulk, n_connections, err) == 0)
        return 0;
    return d ? name_disk(d, err) : -1;
}
