/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <config.h>

#include "lib/blocks/format.h"

#include <errno.h>
#include <fcntl.h>
#include <json.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "lib/disk/overlay.h"
#include "lib/qemu/qmp.h"

enum { CLUSTER_DEFAULT = 65536, SECTOR = 512 };

bool
new_image_needs_server(const struct new_image *n)
{
    if (n->format == IMAGE_RAW)
        return false;
    return n->format != IMAGE_QCOW2 || n->preallocation ||
           (n->compat && !str_equal(n->compat, "1.1")) ||
           (n->cluster_size && n->cluster_size != CLUSTER_DEFAULT);
}

static int
write_raw(const struct new_image *n, int fd, struct error *err)
{
    int code = 0;

    if (n->preallocation)
        code = n->size ? posix_fallocate(fd, 0, (off_t)n->size) : 0;
    else if (ftruncate(fd, (off_t)n->size) < 0)
        code = errno;
    return code ? error_errno(err, code, "cannot make it %llu bytes long",
                      (unsigned long long)n->size)
                : 0;
}

static void
add_text(struct json_object *o, const char *key, const char *value)
{
    json_object_object_add(o, key, json_object_new_string(value));
}

/* The options of blockdev-create. */
static struct json_object *
make_options(const struct new_image *n, const char *file)
{
    struct json_object *o = json_object_new_object();
    uint64_t size = (n->size + SECTOR - 1) / SECTOR * SECTOR;

    if (!o)
        return NULL;
    add_text(o, "driver", image_format_name(n->format));
    add_text(o, "file", file);
    json_object_object_add(o, "size", json_object_new_int64((int64_t)size));
    /* Otherwise it is rounded to the geometry of old disks. */
    if (n->format == IMAGE_VPC)
        json_object_object_add(o, "force-size", json_object_new_boolean(true));
    if (n->format != IMAGE_QCOW2)
        return o;
    add_text(
        o, "version", n->compat && str_equal(n->compat, "0.10") ? "v2" : "v3");
    if (n->cluster_size)
        json_object_object_add(
            o, "cluster-size", json_object_new_int(n->cluster_size));
    if (n->preallocation)
        add_text(o, "preallocation", n->preallocation);
    /* QEMU only writes the names down. */
    if (n->backing) {
        add_text(o, "backing-file", n->backing);
        add_text(o, "backing-fmt", n->backing_format);
    }
    return o;
}

static int
write_by_server(const struct new_image *n, int fd, struct block_server *server,
    const char *file, struct error *err)
{
    if (block_server_add_file(server, fd, file, err) < 0)
        return -1;

    struct json_object *options = make_options(n, file);
    struct json_object *args = qmp_strings("job-id", "format", NULL);

    if (!options || !args) {
        json_object_put(options);
        json_object_put(args);
        return error_no_memory(err);
    }
    json_object_object_add(args, "options", options);
    if (qmp_command(
            block_server_qmp(server), "blockdev-create", args, NULL, err) < 0)
        return -1;
    return block_server_wait_job(server, "format", err);
}

/* QEMU asks for the size of a file only once: what we write comes first. */
int
new_image_write(const struct new_image *n, int fd, struct block_server *server,
    const char *name, struct error *err)
{
    if (new_image_needs_server(n))
        return write_by_server(n, fd, server, name, err);
    if ((n->format == IMAGE_RAW ? write_raw(n, fd, err)
                                : overlay_write_backed(fd, n->size, n->backing,
                                      n->backing_format, err)) < 0)
        return -1;
    return server ? block_server_add_file(server, fd, name, err) : 0;
}
