/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copying ranges of bytes between files and devices of the guest. */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "appliance/agent/content.h"
#include "ops.h"

/* One side is a device if its name was given as one. */
struct range {
    const char *src, *dest;
    bool src_device, dest_device;
    int64_t srcoffset, destoffset;
    bool has_size;
    int64_t size;
    bool sparse, append;
};

static int
open_side(struct call *c, const char *name, bool device, int flags)
{
    if (!device)
        return (flags & O_ACCMODE) == O_RDONLY
                   ? content_open(c, name)
                   : content_open_write(c, name, flags & ~O_ACCMODE);
    return content_open_device(c, name, flags & O_ACCMODE);
}

static bool
is_zero(const char *p, size_t n)
{
    return n == 0 || (p[0] == 0 && memcmp(p, p + 1, n - 1) == 0);
}

static int
copy_bytes(
    struct call *c, const struct range *r, int src, int dest, int64_t total)
{
    char *block = call_alloc(c, CONTENT_CHUNK);
    int64_t from = r->srcoffset, to = r->destoffset, end = from + total;

    while (from < end) {
        size_t want =
            end - from < CONTENT_CHUNK ? (size_t)(end - from) : CONTENT_CHUNK;
        ssize_t n = pread(src, block, want, from);
        if (n < 0)
            return call_fail(c, errno, "%s", r->src);
        if (n == 0)
            return call_error(c, EIO, "%s: end of file at byte %lld", r->src,
                (long long)from);
        if (!r->sparse || !is_zero(block, (size_t)n)) {
            for (ssize_t done = 0; done < n;) {
                ssize_t m =
                    pwrite(dest, block + done, (size_t)(n - done), to + done);
                if (m < 0)
                    return call_fail(c, errno, "%s", r->dest);
                done += m;
            }
        }
        from += n;
        to += n;
        call_progress(c, (uint64_t)(from - r->srcoffset), (uint64_t)total);
        if (call_cancelled(c))
            return call_fail(c, ECANCELED, "%s", r->dest);
    }
    /* Zeroes at the end that were not written still count. */
    struct stat st;
    if (r->sparse && !r->dest_device &&
        (fstat(dest, &st) < 0 || (st.st_size < to && ftruncate(dest, to) < 0)))
        return call_fail(c, errno, "%s", r->dest);
    return 0;
}

static int
copy_range(struct call *c, struct range *r)
{
    if (r->append && r->dest_device)
        return call_error(c, EINVAL, "%s: append is not for devices", r->dest);
    cleanup_close int src = open_side(c, r->src, r->src_device, O_RDONLY);
    if (src < 0)
        return -1;

    /* A file copied within itself must not be cut before it is read. */
    struct stat a, b;
    cleanup_close int dest = open_side(
        c, r->dest, r->dest_device, O_WRONLY | (r->dest_device ? 0 : O_CREAT));
    if (dest < 0)
        return -1;
    if (fstat(src, &a) < 0 || fstat(dest, &b) < 0)
        return call_fail(c, errno, "%s", r->dest);
    bool same = a.st_dev == b.st_dev && a.st_ino == b.st_ino;
    if (!r->dest_device && !r->append && !same && ftruncate(dest, 0) < 0)
        return call_fail(c, errno, "%s", r->dest);
    if (r->append)
        r->destoffset = b.st_size;

    int64_t size = content_size(c, src, r->src);
    if (size < 0)
        return -1;
    int64_t left = size - r->srcoffset;
    if (left < 0 || (r->has_size && r->size > left))
        return call_error(c, EINVAL,
            "%s: the bytes to copy reach behind "
            "the end at %lld",
            r->src, (long long)size);
    return copy_bytes(c, r, src, dest, r->has_size ? r->size : left);
}

#define RANGE(args, src_is_device, dest_is_device)                             \
    {                                                                          \
        .src = (args)->src, .dest = (args)->dest,                              \
        .src_device = (src_is_device), .dest_device = (dest_is_device),        \
        .srcoffset = (args)->srcoffset, .destoffset = (args)->destoffset,      \
        .has_size = (args)->has_size, .size = (args)->size,                    \
        .sparse = (args)->sparse, .append = (args)->append,                    \
    }

int
op_copy_device_to_device(
    struct call *c, const struct api_copy_device_to_device_args *args)
{
    struct range r = RANGE(args, true, true);

    return copy_range(c, &r);
}

int
op_copy_device_to_file(
    struct call *c, const struct api_copy_device_to_file_args *args)
{
    struct range r = RANGE(args, true, false);

    return copy_range(c, &r);
}

int
op_copy_file_to_device(
    struct call *c, const struct api_copy_file_to_device_args *args)
{
    struct range r = RANGE(args, false, true);

    return copy_range(c, &r);
}

int
op_copy_file_to_file(
    struct call *c, const struct api_copy_file_to_file_args *args)
{
    struct range r = RANGE(args, false, false);

    return copy_range(c, &r);
}
