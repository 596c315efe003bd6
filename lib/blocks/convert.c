/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copying the content of one image to another, by a mirror job of QEMU, which
 * skips what reads as zeroes and reads compressed clusters by several
 * threads. */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <json.h>
#include <unistd.h>

#include "base/file.h"
#include "lib/blocks/compress.h"
#include "lib/blocks/format.h"
#include "lib/blocks/attach.h"
#include "lib/blocks/server.h"
#include "lib/blocks/unlock.h"
#include "lib/disk/disk.h"
#include "lib/disk/options.h"
#include "lib/handle/handle.h"
#include "lib/qemu/qmp.h"

enum { BUFFER = 64 << 20 };

struct plan {
    const char *source, *destination;
    struct disk_options options; /* of the source */
    enum image_format format;
    uint64_t size; /* 0: that of the source */
    bool existing, compress;
};

static int
read_plan(const char *filename, const char *format, const char *destination,
    const struct mayfly_disk_convert_options *o, struct plan *p,
    struct error *err)
{
    uint64_t set = o ? o->set : 0;
    struct mayfly_add_drive_options drive = {
        .set = MAYFLY_ADD_DRIVE_READONLY,
        .readonly = true,
    };

    *p = (struct plan){.source = filename, .destination = destination};
    if (set & MAYFLY_DISK_CONVERT_SOURCEFORMAT) {
        drive.set |= MAYFLY_ADD_DRIVE_FORMAT;
        drive.format = o->sourceformat;
    }
    if (set & MAYFLY_DISK_CONVERT_BACKING_POLICY) {
        drive.set |= MAYFLY_ADD_DRIVE_BACKING_POLICY;
        drive.backing_policy = o->backing_policy;
    }
    if (set & MAYFLY_DISK_CONVERT_ALLOW) {
        drive.set |= MAYFLY_ADD_DRIVE_ALLOW;
        drive.allow = o->allow;
    }
    if (set & MAYFLY_DISK_CONVERT_EXISTING)
        p->existing = o->existing;
    if (set & MAYFLY_DISK_CONVERT_COMPRESS)
        p->compress = o->compress;
    if (set & MAYFLY_DISK_CONVERT_SIZE)
        p->size = (uint64_t)o->size;
    if (disk_options_read(&drive, &p->options, err) < 0)
        return -1;
    if (image_format_read(format, &p->format, err) < 0)
        return -1;
    if (p->compress && p->format != IMAGE_QCOW2 && p->format != IMAGE_VMDK)
        return error_set(
            err, EINVAL, "only qcow2 and vmdk images can be compressed");
    if (p->compress && p->size)
        return error_set(
            err, EINVAL, "a compressed image has the size of its source");
    return 0;
}

/* The node "image" on "file", and "destination", as long as the source, on
 * that: a mirror has two sides of the same size. */
static int
add_destination(struct block_server *s, enum image_format format, uint64_t size,
    struct error *err)
{
    struct qmp *q = block_server_qmp(s);
    struct json_object *part;
    struct json_object *image = qmp_strings("driver", image_format_name(format),
        "file", "file", "discard", "unmap", NULL);

    if (!image || (format == IMAGE_QCOW2 &&
                      json_object_object_add(image, "backing", NULL) < 0)) {
        json_object_put(image);
        return error_no_memory(err);
    }
    if (block_server_add_node(s, image, "image", err) < 0)
        return -1;
    part = qmp_strings("driver", "raw", "node-name", "destination", "file",
        "image", "discard", "unmap", "detect-zeroes", "unmap", NULL);
    if (!part)
        return error_no_memory(err);
    json_object_object_add(part, "size", json_object_new_int64((int64_t)size));
    return qmp_command(q, "blockdev-add", part, NULL, err);
}

static int
copy(struct mayfly *g, const struct plan *p, const struct disk *d, int fd,
    struct error *err)
{
    uint64_t size = disk_size(d);
    const struct new_image image = {
        .format = p->format, .size = p->size ? p->size : size};
    cleanup_block_server struct block_server *s = NULL;

    if (image.size < size)
        return error_set(err, EINVAL,
            "the new disk has %llu bytes, but the old one %llu",
            (unsigned long long)image.size, (unsigned long long)size);
    if (p->compress)
        return compress_disk(g, d, p->format, fd, err);

    if (block_server_start(g, BLOCKS_HERE, &s, err) < 0 ||
        server_add_disk(g, s, d, false, "source", err) < 0 ||
        new_image_write(&image, fd, s, "file", err) < 0 ||
        add_destination(s, p->format, size, err) < 0 ||
        block_server_mirror(s, "full", BUFFER, err) < 0)
        return -1;
    return block_server_stop(steal_pointer(&s), err);
}

static int
write_existing(struct mayfly *g, const struct plan *p, const struct disk *d,
    struct error *err)
{
    cleanup_close int fd = open(p->destination, O_RDWR | O_CLOEXEC);

    if (fd < 0)
        return error_errno(err, errno, "cannot open %s", p->destination);
    return copy(g, p, d, fd, err);
}

static int
write_new(struct mayfly *g, const struct plan *p, const struct disk *d,
    struct error *err)
{
    cleanup_output struct output out;

    if (output_open(&out, p->destination, 0666, err) < 0 ||
        copy(g, p, d, out.fd, err) < 0)
        return -1;
    return output_commit(&out, err);
}

static int
convert(struct mayfly *g, const struct plan *p, struct error *err)
{
    struct disk *d = NULL;
    int result;

    if (disk_open(p->source, &p->options, &d, err) < 0)
        return -1;
    if (disk_is_remote(d))
        result = error_set(err, ENOTSUP,
            "%s: a remote image cannot be converted; export it and copy it "
            "with nbdcopy",
            p->source);
    else if (unlock_disk(g, d, err) < 0)
        result = error_context(err, "%s", p->source);
    else
        result = p->existing ? write_existing(g, p, d, err)
                             : write_new(g, p, d, err);
    disk_free(d);
    return result;
}

MAYFLY_PUBLIC int
mayfly_disk_convert(struct mayfly *g, const char *filename, const char *format,
    const char *destination, const struct mayfly_disk_convert_options *options)
{
    cleanup_error struct error err = {0};
    struct plan plan = {0};

    error_clear(&g->error);
    if (handle_take_cancel(g, "disk_convert") < 0)
        return -1;
    if (read_plan(filename, format, destination, options, &plan, &err) < 0 ||
        convert(g, &plan, &err) < 0)
        return handle_fail(g, &err);
    return 0;
}
