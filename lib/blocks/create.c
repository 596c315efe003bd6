/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Making new images, under a temporary name that is replaced by the file's own
 * on success. */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "lib/blocks/format.h"
#include "lib/blocks/server.h"
#include "lib/disk/disk.h"
#include "lib/disk/part.h"
#include "lib/handle/handle.h"

enum {
    CLUSTER_MIN = 512,
    CLUSTER_MAX = 2 << 20,
};

/* The request, checked. */
struct plan {
    const char *filename;
    struct new_image image;
};

static int
read_preallocation(struct plan *p, const char *text, struct error *err)
{
    if (str_equal(text, "off") || str_equal(text, "sparse"))
        return 0;
    if (!str_equal(text, "full") && !str_equal(text, "metadata"))
        return error_set(err, EINVAL,
            "invalid preallocation '%s': use off, sparse, metadata or full",
            text);
    if (str_equal(text, "metadata") && p->image.format != IMAGE_QCOW2)
        return error_set(
            err, EINVAL, "preallocation 'metadata' is for qcow2 only");
    if (p->image.format != IMAGE_QCOW2 && p->image.format != IMAGE_RAW)
        return error_set(
            err, EINVAL, "preallocation is for raw and qcow2 only");
    p->image.preallocation = text;
    return 0;
}

static int
read_qcow2_options(struct plan *p, const struct mayfly_disk_create_options *o,
    struct error *err)
{
    if (o->set & MAYFLY_DISK_CREATE_COMPAT) {
        if (!str_equal(o->compat, "0.10") && !str_equal(o->compat, "1.1"))
            return error_set(
                err, EINVAL, "invalid compat '%s': use 0.10 or 1.1", o->compat);
        p->image.compat = o->compat;
    }
    if (o->set & MAYFLY_DISK_CREATE_CLUSTERSIZE) {
        int n = o->clustersize;

        if (n < CLUSTER_MIN || n > CLUSTER_MAX || (n & (n - 1)) != 0)
            return error_set(err, EINVAL,
                "cluster size %d is not a power of two from %d to %d", n,
                CLUSTER_MIN, CLUSTER_MAX);
        p->image.cluster_size = n;
    }
    if ((p->image.compat || p->image.cluster_size || p->image.backing) &&
        p->image.format != IMAGE_QCOW2)
        return error_set(err, EINVAL,
            "compat, clustersize and backingfile are for qcow2 only");
    return 0;
}

/* The backing file as the new image will find it: a relative name is relative
 * to the image's folder. */
static char *
backing_path(const struct plan *p)
{
    const char *slash = strrchr(p->filename, '/');

    if (p->image.backing[0] == '/' || !slash)
        return strdup(p->image.backing);
    return text_printf(
        "%.*s/%s", (int)(slash - p->filename), p->filename, p->image.backing);
}

/* It must be what the caller says, checked by our own reader; it also gives the
 * size if the caller did not. */
static int
read_backing(struct plan *p, int64_t size, struct error *err)
{
    cleanup_part struct part part = {0};
    bool is_part = part_parse(p->image.backing, &part);
    const struct disk_options o = {
        .read_only = true,
        .format = p->image.backing_format,
        /* If the format is only guessed, a guest may have written what it is
         * guessed from. */
        .policy = p->image.backing_format ? POLICY_ANY : POLICY_NONE,
        .part_start = part.start,
        .part_size = part.size,
    };
    cleanup_free char *path = is_part ? NULL : backing_path(p);
    struct disk *d = NULL;

    if (!is_part && !path)
        return error_no_memory(err);
    if (disk_open(is_part ? part.path : path, &o, &d, err) < 0)
        return -1;
    bool remote = disk_is_remote(d);
    if (!p->image.backing_format && !remote)
        p->image.backing_format = disk_format_name(d);
    if (size < 0)
        p->image.size = disk_size(d);
    disk_free(d);
    return remote ? error_set(
                        err, ENOTSUP, "a backing file must be on this machine")
                  : 0;
}

static int
read_plan(struct plan *p, const char *filename, const char *format,
    int64_t size, const struct mayfly_disk_create_options *options,
    struct error *err)
{
    static const struct mayfly_disk_create_options none = {0};
    const struct mayfly_disk_create_options *o = options ? options : &none;

    *p = (struct plan){.filename = filename, .image.size = (uint64_t)size};
    if (o->set & MAYFLY_DISK_CREATE_BACKINGFILE)
        p->image.backing = o->backingfile;
    if (o->set & MAYFLY_DISK_CREATE_BACKINGFORMAT)
        p->image.backing_format = o->backingformat;
    if (image_format_read(format, &p->image.format, err) < 0)
        return -1;
    if (o->set & MAYFLY_DISK_CREATE_PREALLOCATION &&
        read_preallocation(p, o->preallocation, err) < 0)
        return -1;
    if (read_qcow2_options(p, o, err) < 0)
        return -1;
    if (p->image.backing_format && !p->image.backing)
        return error_set(err, EINVAL, "backingformat without backingfile");
    if (size < 0 && !p->image.backing)
        return error_set(err, EINVAL, "no size given");
    return p->image.backing ? read_backing(p, size, err) : 0;
}

static int
write_image(struct mayfly *g, const struct plan *p, struct error *err)
{
    cleanup_output struct output out;
    cleanup_block_server struct block_server *server = NULL;

    if (output_open_named(&out, p->filename, 0666, err) < 0)
        return -1;
    if (new_image_needs_server(&p->image) &&
        block_server_start(g, BLOCKS_HERE, &server, err) < 0)
        return -1;
    if (new_image_write(&p->image, out.fd, server, "file", err) < 0)
        return -1;
    if (server && block_server_stop(steal_pointer(&server), err) < 0)
        return -1;
    return output_commit(&out, err);
}

MAYFLY_PUBLIC int
mayfly_disk_create(struct mayfly *g, const char *filename, const char *format,
    int64_t size, const struct mayfly_disk_create_options *options)
{
    cleanup_error struct error err = {0};
    struct plan plan;

    error_clear(&g->error);
    if (read_plan(&plan, filename, format, size, options, &err) < 0 ||
        write_image(g, &plan, &err) < 0) {
        error_context(&err, "%s", filename);
        return handle_fail(g, &err);
    }
    return 0;
}
