/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bulk data in files and devices, past the page cache where that is faster. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct call;

/* Bytes from which on a read or write goes past the page cache. */
enum { DIRECT_LEAST = 64 << 10 };

struct direct {
    int fd;
    bool device;
    bool on, refused; /* O_DIRECT */
    int64_t size;     /* of a file, as far as it is known */
};

int direct_open(struct call *c, struct direct *d, int fd, const char *path);

/* As pread; BUFFER is bulk_buffer, or has room for SIZE rounded up to
 * BULK_ALIGN.  Reads at least DIRECT_LEAST bytes, at a multiple of BULK_ALIGN,
 * past the page cache. */
ssize_t direct_read(struct direct *d, void *buffer, size_t size, int64_t at);

/* Writes all; -1 with errno. */
int direct_write(struct direct *d, const void *buffer, size_t size, int64_t at);

/* Hands SIZE bytes of the file FD to TAKE, in order, holes as zeroes, up to
 * BULK_SLOT at once, which BUFFER has room for; so has DATA for its size
 * rounded up to BULK_ALIGN.  -1 of TAKE, which has failed the call; or -1 with
 * errno: EIO if the file has become shorter. */
int direct_each(int fd, int64_t size, void *buffer,
    int (*take)(void *opaque, void *data, size_t size), void *opaque);

/* SIZE bytes of FD from START on into the stream; holes as holes. */
int direct_send(
    struct call *c, int fd, const char *path, int64_t start, int64_t size);

/* The stream into FD from AT on; a file grows if need be. */
int direct_receive(struct call *c, int fd, const char *path, int64_t at);

/* SIZE bytes of the file or device SRC from FROM on to DEST from TO on; the
 * paths are for errors.  SPARSE: what is all zeroes is not written, but a
 * file at DEST is long enough in the end. */
struct direct_copy {
    int src, dest;
    const char *src_path, *dest_path;
    int64_t from, to, size;
    bool sparse;
};
int direct_copy(struct call *c, const struct direct_copy *copy);
