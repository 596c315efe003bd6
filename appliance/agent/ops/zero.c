/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Zeroes: on devices, in files, in free space; and discarding. */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/falloc.h>
#include <linux/fs.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "appliance/agent/call/call.h"
#include "appliance/agent/call/memory.h"
#include "appliance/agent/guest/path.h"
#include "appliance/agent/storage/device.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "ops-zero.h"

enum {
    HEAD = 128 << 10, /* what zero() looks at */
    CHUNK = 1 << 20,
    ALIGNMENT = 4096,
    ZERO_STEP = 64 << 20, /* between two reports of progress */
};

/* DATA is aligned for words. */
static bool
all_zero(const char *data, size_t size)
{
    const uint64_t *words = (const uint64_t *)(const void *)data;
    size_t n = size / sizeof *words;
    uint64_t found = 0;

    /* Without a branch a word: this is emulated. */
    for (size_t i = 0; i + 8 <= n; i += 8) {
        found |= words[i] | words[i + 1] | words[i + 2] | words[i + 3] |
                 words[i + 4] | words[i + 5] | words[i + 6] | words[i + 7];
        if ((i & 511) == 0 && found)
            return false;
    }
    for (size_t i = n / 8 * 64; i < size; i++)
        found |= (unsigned char)data[i];
    return found == 0;
}

/* Open for writing; no one else may have it mounted. */
static int
open_device(struct call *c, const char *device, int flags, uint64_t *ret_size)
{
    const char *path = device_check(c, device);

    if (!path)
        return -1;
    int fd = open(path, flags | O_CLOEXEC);
    if (fd < 0)
        return call_fail(c, errno, "%s", device);
    if (ioctl(fd, BLKGETSIZE64, ret_size) < 0) {
        call_fail(c, errno, "%s", device);
        close(fd);
        return -1;
    }
    return fd;
}

int
op_zero(struct call *c, const struct api_zero_args *args)
{
    uint64_t size;
    char *data = call_alloc(c, HEAD);
    cleanup_close int fd = open_device(c, args->device, O_RDWR, &size);

    if (fd < 0)
        return -1;
    size_t n = size < HEAD ? (size_t)size : HEAD;
    for (size_t at = 0; at < n; at += 4096) {
        size_t part = n - at < 4096 ? n - at : 4096;

        if (pread_all(fd, data, part, (off_t)at) < 0)
            return call_fail(c, errno, "%s", args->device);
        if (all_zero(data, part))
            continue;
        memset(data, 0, part);
        if (pwrite(fd, data, part, (off_t)at) != (ssize_t)part)
            return call_fail(c, errno, "%s", args->device);
    }
    if (fsync(fd) < 0)
        return call_fail(c, errno, "%s", args->device);
    return 0;
}

/* The disk itself makes zeroes of a range, sparse if it can. */
static int
zero_range(struct call *c, int fd, uint64_t size, const char *device)
{
    for (uint64_t at = 0; at < size; at += ZERO_STEP) {
        uint64_t range[2] = {at, size - at < ZERO_STEP ? size - at : ZERO_STEP};

        if (call_cancelled(c))
            return call_error(c, ECANCELED, "%s: cancelled", device);
        if (ioctl(fd, BLKZEROOUT, range) < 0)
            return call_fail(c, errno, "%s", device);
        call_progress(c, at + range[1], size);
    }
    return 0;
}

int
op_zero_device(struct call *c, const struct api_zero_device_args *args)
{
    uint64_t size;
    cleanup_close int fd = open_device(c, args->device, O_RDWR | O_EXCL, &size);

    if (fd < 0)
        return -1;
    return zero_range(c, fd, size, args->device);
}

int
op_scrub_device(struct call *c, const struct api_scrub_device_args *args)
{
    uint64_t size;
    char *data = call_alloc(c, CHUNK);
    cleanup_close int fd = open_device(c, args->device, O_RDWR | O_EXCL, &size);

    if (fd < 0)
        return -1;
    for (uint64_t pass = 0; pass < 2; pass++) {
        for (uint64_t at = 0; at < size; at += CHUNK) {
            size_t n = size - at < CHUNK ? (size_t)(size - at) : CHUNK;

            for (size_t got = 0; got < n;) {
                ssize_t r = getrandom(data + got, n - got, 0);
                if (r < 0 && errno != EINTR)
                    return call_fail(c, errno, "random bytes");
                got += r > 0 ? (size_t)r : 0;
            }
            if (call_cancelled(c))
                return call_error(c, ECANCELED, "%s: cancelled", args->device);
            if (pwrite(fd, data, n, (off_t)at) != (ssize_t)n)
                return call_fail(c, errno, "%s", args->device);
            call_progress(c, pass * size + at + n, 3 * size);
        }
        if (fsync(fd) < 0)
            return call_fail(c, errno, "%s", args->device);
    }
    return zero_range(c, fd, size, args->device);
}

int
op_blkdiscard(struct call *c, const struct api_blkdiscard_args *args)
{
    uint64_t range[2] = {0, 0};
    cleanup_close int fd =
        open_device(c, args->device, O_RDWR | O_EXCL, &range[1]);

    if (fd < 0)
        return -1;
    if (ioctl(fd, BLKDISCARD, range) < 0)
        return call_fail(c, errno, "%s: discard", args->device);
    return 0;
}

int
op_blkdiscard_range(
    struct call *c, const struct api_blkdiscard_range_args *args)
{
    const uint64_t range[2] = {(uint64_t)args->offset, (uint64_t)args->length};
    uint64_t size;
    cleanup_close int fd = open_device(c, args->device, O_RDWR | O_EXCL, &size);

    if (fd < 0)
        return -1;
    if (ioctl(fd, BLKDISCARD, range) < 0)
        return call_fail(c, errno, "%s: discard", args->device);
    return 0;
}

/* --- asking --- */

/* Whether what FD holds from OFFSET to its end is zero; holes are. */
static int
is_zero(struct call *c, int fd, uint64_t size, const char *what, bool *ret)
{
    char *data = call_alloc(c, CHUNK + ALIGNMENT);

    data += ALIGNMENT - (uintptr_t)data % ALIGNMENT;
    *ret = false;
    for (uint64_t at = 0; at < size;) {
        off_t next = lseek(fd, (off_t)at, SEEK_DATA);

        if (next < 0 && errno == ENXIO)
            break;
        if (next > (off_t)at)
            at = (uint64_t)next;
        size_t n = size - at < CHUNK ? (size_t)(size - at) : CHUNK;
        if (call_cancelled(c))
            return call_error(c, ECANCELED, "%s: cancelled", what);
        if (pread_all(fd, data, n, (off_t)at) < 0)
            return call_fail(c, errno, "%s", what);
        if (!all_zero(data, n))
            return 0;
        at += n;
        call_progress(c, at, size);
    }
    *ret = true;
    return 0;
}

int
op_is_zero_device(struct call *c, const struct api_is_zero_device_args *args,
    struct api_is_zero_device_ret *ret)
{
    uint64_t size;
    /* Around the cache: a disk is larger than the memory. */
    cleanup_close int fd =
        open_device(c, args->device, O_RDONLY | O_DIRECT, &size);

    if (fd < 0)
        return -1;
    return is_zero(c, fd, size, args->device, &ret->value);
}

int
op_is_zero(struct call *c, const struct api_is_zero_args *args,
    struct api_is_zero_ret *ret)
{
    struct stat s;

    if (need_root(c) < 0)
        return -1;
    cleanup_close int fd = path_open(c, args->path, O_RDONLY | O_NONBLOCK, 0);
    if (fd < 0)
        return -1;
    if (fstat(fd, &s) < 0)
        return call_fail(c, errno, "%s", args->path);
    if (!S_ISREG(s.st_mode))
        return call_error(c, EINVAL, "%s: not a regular file", args->path);
    return is_zero(c, fd, (uint64_t)s.st_size, args->path, &ret->value);
}

/* --- free space of a mounted file system --- */

int
op_fstrim(struct call *c, const struct api_fstrim_args *args)
{
    struct fstrim_range range = {
        .start = args->has_offset ? (uint64_t)args->offset : 0,
        .len = args->has_length ? (uint64_t)args->length : UINT64_MAX,
        .minlen =
            args->has_minimumfreeextent ? (uint64_t)args->minimumfreeextent : 0,
    };

    if (need_root(c) < 0)
        return -1;
    cleanup_close int fd = path_open(c, args->mountpoint, O_RDONLY, 0);
    if (fd < 0)
        return -1;
    /* What was just deleted is free only when it is written. */
    syncfs(fd);
    if (ioctl(fd, FITRIM, &range) < 0)
        return call_fail(c, errno == EOPNOTSUPP ? ENOTSUP : errno, "fstrim %s",
            args->mountpoint);
    return 0;
}

/* Write zeroes until nothing is free. */
static int
fill(struct call *c, int fd, const char *what)
{
    struct statvfs s;
    char *data = call_alloc(c, CHUNK);
    uint64_t done = 0;

    if (fstatvfs(fd, &s) < 0)
        return call_fail(c, errno, "%s", what);
    uint64_t total = (uint64_t)s.f_bfree * s.f_frsize;
    for (size_t size = CHUNK; size > 0;) {
        if (call_cancelled(c))
            return call_error(c, ECANCELED, "%s: cancelled", what);
        ssize_t n = write(fd, data, size);
        if (n < 0 && errno == EFBIG)
            break;
        if (n < 0 && errno != ENOSPC && errno != EINTR)
            return call_fail(c, errno, "%s", what);
        /* The last blocks one by one. */
        if (n < 0)
            size = errno == EINTR ? size : size > 4096 ? size / 16 : 0;
        else
            done += (uint64_t)n;
        call_progress(c, done < total ? done : total, total);
    }
    return fsync(fd) < 0 && errno != ENOSPC ? call_fail(c, errno, "%s", what)
                                            : 0;
}

int
op_zero_free_space(struct call *c, const struct api_zero_free_space_args *args)
{
    if (need_root(c) < 0)
        return -1;
    cleanup_close int folder =
        path_open(c, args->directory, O_RDONLY | O_DIRECTORY, 0);
    if (folder < 0)
        return -1;
    /* A name that is not in use; it is gone before the first byte is written,
     * so nothing is left whatever happens. */
    char *name = call_printf(c, ".mayfly-zero-%08x", (unsigned)random());
    cleanup_close int fd = openat(folder, name,
        O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return call_fail(c, errno, "%s", args->directory);
    unlinkat(folder, name, 0);
    if (fill(c, fd, args->directory) < 0)
        return -1;
    close(steal_fd(&fd));
    return syncfs(folder) < 0 ? call_fail(c, errno, "%s", args->directory) : 0;
}
