/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copying ranges of bytes between files and devices of the guest. */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "appliance/agent/call/call.h"
#include "appliance/agent/guest/content.h"
#include "appliance/agent/guest/direct.h"
#include "appliance/agent/storage/file_or_device.h"
#include "base/cleanup.h"
#include "ops-ranges.h"

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
    return device_open(c, name, flags & O_ACCMODE);
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
            "%s: the bytes to copy reach beyond "
            "the end at %lld",
            r->src, (long long)size);
    return direct_copy(c, &(struct direct_copy){
                              .src = src,
                              .dest = dest,
                              .src_path = r->src,
                              .dest_path = r->dest,
                              .from = r->srcoffset,
                              .to = r->destoffset,
                              .size = r->has_size ? r->size : left,
                              .sparse = r->sparse,
                          });
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
