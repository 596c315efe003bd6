/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Theory of operation: each export is a block server with the disk's nodes:
 *
 *     client --NBD--> QEMU [ image -> files ], or [ part -> image -> files ] */
#include <config.h>

#include "lib/blocks/export.h"

#include <errno.h>
#include <json.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/blocks/attach.h"
#include "lib/blocks/nbd.h"
#include "lib/blocks/server.h"
#include "lib/blocks/unlock.h"
#include "lib/disk/disk.h"
#include "lib/disk/find.h"
#include "lib/disk/uri.h"
#include "lib/qemu/qmp.h"

enum { SECTOR = 512 };

struct block_export {
    const struct disk *disk;
    char *socket; /* NULL: a port */
    char *uri;
    struct block_server *server;
};

/* The request, checked. */
struct plan {
    struct disk *disk;
    const char *socket, *name;
    bool writable, by_port;
    uint16_t port;
    uint64_t offset, size; /* size 0: to the end */
};

/* The node "part" on top of the disk's. */
static int
add_part(struct block_server *s, const struct plan *p, struct error *err)
{
    struct json_object *o = qmp_strings(
        "driver", "raw", "node-name", "part", "file", "image", NULL);

    if (!o)
        return error_no_memory(err);
    json_object_object_add(
        o, "offset", json_object_new_int64((int64_t)p->offset));
    if (p->size)
        json_object_object_add(
            o, "size", json_object_new_int64((int64_t)p->size));
    json_object_object_add(
        o, "read-only", json_object_new_boolean(!p->writable));
    return qmp_command(block_server_qmp(s), "blockdev-add", o, NULL, err);
}

/* The URI of the export; ADDRESS: HOST:PORT, NULL for a socket. */
static char *
make_uri(const struct plan *p, const char *address)
{
    cleanup_free char *name = uri_encode(p->name, "/");
    cleanup_free char *path = address ? NULL : realpath(p->socket, NULL);
    cleanup_free char *socket = path ? uri_encode(path, "/") : NULL;

    if (!name || (!address && !socket))
        return NULL;
    if (address)
        return text_printf("nbd://%s/%s", address, name);
    return text_printf("nbd+unix:///%s?socket=%s", name, socket);
}

static int
serve(struct mayfly *g, const struct plan *p, int fd, struct block_export *e,
    struct error *err)
{
    bool part = p->offset || p->size;

    if (unlock_disk(g, p->disk, err) < 0)
        return handle_blame(g, err);
    if (block_server_start(g, BLOCKS_HERE, &e->server, err) < 0)
        return -1;
    g->disk_failed = true;
    if (server_add_disk(g, e->server, p->disk, p->writable, "image", err) < 0 ||
        (part && add_part(e->server, p, err) < 0))
        return handle_blame(g, err);
    return nbd_serve(
        e->server, part ? "part" : "image", p->name, p->writable, fd, err);
}

static int
start(struct mayfly *g, const struct plan *p, struct block_export *e,
    struct error *err)
{
    cleanup_free char *address = NULL;
    cleanup_close int fd = p->by_port ? nbd_listen_port(p->port, &address, err)
                                      : nbd_listen(p->socket, err);

    if (fd < 0)
        return -1;
    /* From here on the socket is ours to remove. */
    if ((!p->by_port && !(e->socket = strdup(p->socket))) ||
        !(e->uri = make_uri(p, address)))
        return error_no_memory(err);
    return serve(g, p, fd, e, err);
}

/* --- the list --- */

static void
forget(struct mayfly *g, size_t i)
{
    struct block_export *e = g->exports[i];

    block_server_kill(e->server);
    if (e->socket)
        unlink(e->socket);
    free(e->socket);
    free(e->uri);
    free(e);
    g->exports[i] = g->exports[--g->n_exports];
}

static struct block_export *
add_to_list(struct mayfly *g, const struct plan *p, struct error *err)
{
    struct block_export **more =
        realloc(g->exports, (g->n_exports + 1) * sizeof(struct block_export *));
    struct block_export *e = calloc(1, sizeof *e);

    if (more)
        g->exports = more;
    if (!more || !e) {
        free(e);
        return error_no_memory(err), NULL;
    }
    e->disk = p->disk;
    return g->exports[g->n_exports++] = e;
}

static bool
find(const struct mayfly *g, const struct disk *d, size_t *ret)
{
    for (size_t i = 0; i < g->n_exports; i++)
        if (g->exports[i]->disk == d)
            return *ret = i, true;
    return false;
}

bool
export_has(const struct mayfly *g, const struct disk *d)
{
    size_t i;

    return find(g, d, &i);
}

void
exports_end(struct mayfly *g)
{
    while (g->n_exports)
        forget(g, g->n_exports - 1);
    free(g->exports);
    g->exports = NULL;
}

/* --- the calls --- */

static int
read_plan(struct mayfly *g, const char *label, const char *socket,
    const struct mayfly_export_drive_options *o, struct plan *ret,
    struct error *err)
{
    uint64_t set = o ? o->set : 0;
    struct plan p = {.socket = socket, .name = ""};

    size_t target;

    if (!(p.disk = disk_find(g, label, &target)))
        return error_set(err, ENOENT, "no disk is named '%s'", label);
    if (set & MAYFLY_EXPORT_DRIVE_WRITABLE)
        p.writable = o->writable;
    if (set & MAYFLY_EXPORT_DRIVE_NAME)
        p.name = o->name;
    if (set & MAYFLY_EXPORT_DRIVE_OFFSET)
        p.offset = (uint64_t)o->offset;
    if (set & MAYFLY_EXPORT_DRIVE_SIZE)
        p.size = (uint64_t)o->size;
    if (set & MAYFLY_EXPORT_DRIVE_PORT) {
        p.by_port = true;
        p.port = (uint16_t)o->port;
    }
    if (p.by_port != (*socket == 0))
        return error_set(
            err, EINVAL, "give either the path of a socket or a port");
    if (p.writable && p.disk->read_only)
        return error_set(err, EROFS, "the disk was added read-only");
    if (p.writable && g->state == HANDLE_READY)
        return error_set(
            err, EBUSY, "the appliance writes to the disk; shut it down first");
    if (export_has(g, p.disk))
        return error_set(err, EBUSY, "the disk is exported already");
    uint64_t end = disk_size(p.disk);
    if (p.offset % SECTOR || p.size % SECTOR ||
        (end && (p.offset > end || p.size > end - p.offset)))
        return error_set(err, EINVAL,
            "invalid part: %llu bytes at %llu of a disk of %llu; use whole "
            "sectors inside the disk",
            (unsigned long long)p.size, (unsigned long long)p.offset,
            (unsigned long long)end);
    *ret = p;
    return 0;
}

MAYFLY_PUBLIC int
mayfly_export_drive(struct mayfly *g, const char *label, const char *socket,
    const struct mayfly_export_drive_options *options)
{
    cleanup_error struct error err = {0};
    struct block_export *e;
    struct plan plan = {0};

    error_clear(&g->error);
    if (handle_take_cancel(g, "export_drive") < 0)
        return -1;
    if (read_plan(g, label, socket, options, &plan, &err) < 0 ||
        !(e = add_to_list(g, &plan, &err)))
        return handle_fail(g, &err);
    if (start(g, &plan, e, &err) < 0) {
        cleanup_free char *shown = text_escape(plan.disk->path);

        forget(g, g->n_exports - 1);
        error_context(&err, "%s", shown ? shown : "?");
        return handle_fail(g, &err);
    }
    return 0;
}

/* The export of a disk, for a call about it. */
static struct block_export *
find_export(
    struct mayfly *g, const char *label, size_t *ret_i, struct error *err)
{
    size_t target;
    const struct disk *d = disk_find(g, label, &target);

    error_clear(&g->error);
    if (d && find(g, d, ret_i))
        return g->exports[*ret_i];
    error_set(err, ENOENT, "no export of a disk named '%s'", label);
    return NULL;
}

MAYFLY_PUBLIC int
mayfly_export_uri(struct mayfly *g, const char *label, char **ret)
{
    cleanup_error struct error err = {0};
    size_t i;
    const struct block_export *e = find_export(g, label, &i, &err);
    char *copy = e ? strdup(e->uri) : NULL;

    if (!copy) {
        if (e)
            error_no_memory(&err);
        return handle_fail(g, &err);
    }
    *ret = copy;
    return 0;
}

MAYFLY_PUBLIC int
mayfly_export_wait(struct mayfly *g, const char *label)
{
    cleanup_error struct error err = {0};
    size_t i;
    const struct block_export *e = find_export(g, label, &i, &err);

    if (e)
        block_server_wait(e->server, &err);
    return handle_fail(g, &err);
}

MAYFLY_PUBLIC int
mayfly_export_stop(struct mayfly *g, const char *label)
{
    cleanup_error struct error err = {0};
    size_t i;
    int result;

    handle_forget_cancel(g, CANCEL_USER);
    if (!find_export(g, label, &i, &err))
        return handle_fail(g, &err);
    result = block_server_stop(steal_pointer(&g->exports[i]->server), &err);
    forget(g, i);
    return result < 0 ? handle_fail(g, &err) : 0;
}
