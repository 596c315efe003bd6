/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Making new images.  We write raw files and plain qcow2 ourselves; qemu-img
 * writes the rest, under a temporary name that is replaced by the file's own on
 * success. */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "lib/disk/disk.h"
#include "lib/disk/overlay.h"
#include "lib/disk/part.h"
#include "lib/disk/qemu_img.h"
#include "lib/handle/handle.h"

enum {
    CLUSTER_MIN = 512,
    CLUSTER_MAX = 2 << 20,
    CLUSTER_DEFAULT = 65536,
};

/* The request, checked. */
struct plan {
    const char *filename;
    enum image_format format;
    uint64_t size;
    const char *backing, *backing_format; /* NULL: none */
    const char *preallocation;            /* NULL: off; metadata, full */
    const char *compat;                   /* NULL: QEMU's default, 1.1 */
    int cluster_size;                     /* 0: the default */
};

static int
read_format(struct plan *p, const char *format, struct error *err)
{
    if (!image_format_find(format, &p->format))
        return error_set(err, EINVAL,
            "unknown format '%s'; use raw, qcow2, vmdk, vdi, vpc or vhdx",
            format);
    return 0;
}

static int
read_preallocation(struct plan *p, const char *text, struct error *err)
{
    if (str_equal(text, "off") || str_equal(text, "sparse"))
        return 0;
    if (!str_equal(text, "full") && !str_equal(text, "metadata"))
        return error_set(err, EINVAL,
            "invalid preallocation '%s': use off, sparse, metadata or full",
            text);
    if (str_equal(text, "metadata") && p->format != IMAGE_QCOW2)
        return error_set(
            err, EINVAL, "preallocation 'metadata' is for qcow2 only");
    if (p->format != IMAGE_QCOW2 && p->format != IMAGE_RAW)
        return error_set(
            err, EINVAL, "preallocation is for raw and qcow2 only");
    p->preallocation = text;
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
        p->compat = o->compat;
    }
    if (o->set & MAYFLY_DISK_CREATE_CLUSTERSIZE) {
        int n = o->clustersize;

        if (n < CLUSTER_MIN || n > CLUSTER_MAX || (n & (n - 1)) != 0)
            return error_set(err, EINVAL,
                "cluster size %d is not a power of two from %d to %d", n,
                CLUSTER_MIN, CLUSTER_MAX);
        p->cluster_size = n;
    }
    if ((p->compat || p->cluster_size || p->backing) &&
        p->format != IMAGE_QCOW2)
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

    if (p->backing[0] == '/' || !slash)
        return strdup(p->backing);
    return text_printf(
        "%.*s/%s", (int)(slash - p->filename), p->filename, p->backing);
}

/* It must be what the caller says, checked by our own reader; it also gives the
 * size if the caller did not. */
static int
read_backing(struct plan *p, int64_t size, struct error *err)
{
    cleanup_part struct part part = {0};
    bool is_part = part_parse(p->backing, &part);
    const struct disk_options o = {
        .read_only = true,
        .format = p->backing_format,
        /* If the format is only guessed, a guest may have written what it is
         * guessed from. */
        .policy = p->backing_format ? POLICY_ANY : POLICY_NONE,
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
    if (!p->backing_format && !remote)
        p->backing_format = disk_format_name(d);
    if (size < 0)
        p->size = disk_size(d);
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

    *p = (struct plan){.filename = filename, .size = (uint64_t)size};
    if (o->set & MAYFLY_DISK_CREATE_BACKINGFILE)
        p->backing = o->backingfile;
    if (o->set & MAYFLY_DISK_CREATE_BACKINGFORMAT)
        p->backing_format = o->backingformat;
    if (read_format(p, format, err) < 0)
        return -1;
    if (o->set & MAYFLY_DISK_CREATE_PREALLOCATION &&
        read_preallocation(p, o->preallocation, err) < 0)
        return -1;
    if (read_qcow2_options(p, o, err) < 0)
        return -1;
    if (p->backing_format && !p->backing)
        return error_set(err, EINVAL, "backingformat without backingfile");
    if (size < 0 && !p->backing)
        return error_set(err, EINVAL, "no size given");
    return p->backing ? read_backing(p, size, err) : 0;
}

static int
write_raw(const struct plan *p, int fd, struct error *err)
{
    int code = 0;

    if (p->preallocation)
        code = p->size ? posix_fallocate(fd, 0, (off_t)p->size) : 0;
    else if (ftruncate(fd, (off_t)p->size) < 0)
        code = errno;
    return code ? error_errno(err, code, "cannot make it %llu bytes long",
                      (unsigned long long)p->size)
                : 0;
}

static int
write_by_img(const struct plan *p, const char *path, struct error *err)
{
    /* A name that can be neither an option nor a protocol. */
    cleanup_free char *plain =
        text_printf("%s%s", path[0] == '/' ? "" : "./", path);
    char size[32], options[128];
    const char *argv[16] = {
        "qemu-img", "create", "-q", "-f", image_format_name(p->format)};
    size_t n = 5;

    if (!plain)
        return error_no_memory(err);
    snprintf(size, sizeof size, "%llu", (unsigned long long)p->size);
    snprintf(options, sizeof options,
        "compat=%s,preallocation=%s,cluster_size=%d",
        p->compat ? p->compat : "1.1",
        p->preallocation ? p->preallocation : "off",
        p->cluster_size ? p->cluster_size : CLUSTER_DEFAULT);
    if (p->format == IMAGE_QCOW2) {
        argv[n++] = "-o";
        argv[n++] = options;
    }
    if (p->backing) {
        argv[n++] = "-u"; /* do not open the backing file: we have */
        argv[n++] = "-b";
        argv[n++] = p->backing;
        argv[n++] = "-F";
        argv[n++] = p->backing_format;
    }
    argv[n++] = plain;
    argv[n++] = size;
    return run_img(argv, p->size, err);
}

static bool
is_plain_qcow2(const struct plan *p)
{
    return p->format == IMAGE_QCOW2 && !p->backing && !p->preallocation &&
           (!p->compat || str_equal(p->compat, "1.1")) &&
           (!p->cluster_size || p->cluster_size == CLUSTER_DEFAULT);
}

static int
write_image(const struct plan *p, struct error *err)
{
    cleanup_output struct output out;
    int result;

    if (output_open(&out, p->filename, 0666, err) < 0)
        return -1;
    if (p->format == IMAGE_RAW)
        result = write_raw(p, out.fd, err);
    else if (is_plain_qcow2(p))
        result = overlay_write(out.fd, p->size, err);
    else
        result = write_by_img(p, out.temporary, err);
    return result < 0 ? -1 : output_commit(&out, err);
}

MAYFLY_PUBLIC int
mayfly_disk_create(struct mayfly *g, const char *filename, const char *format,
    int64_t size, const struct mayfly_disk_create_options *options)
{
    cleanup_error struct error err = {0};
    struct plan plan;

    error_clear(&g->error);
    if (read_plan(&plan, filename, format, size, options, &err) < 0 ||
        write_image(&plan, &err) < 0) {
        error_context(&err, "%s", filename);
        return handle_fail(g, &err);
    }
    return 0;
}
