/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bulk data between a file and the call's stream.
 *
 * With O_DIRECT the kernel has QEMU copy between the disk and our buffer; by
 * way of the page cache the emulated processor would, at a tenth of the
 * speed.  Not every file system has it, and none for every piece: whatever is
 * refused is done the other way, and the kernel keeps both views the same. */
#include <config.h>

#include "appliance/agent/guest/direct.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "appliance/agent/call/call.h"
#include "appliance/agent/call/stream.h"
#include "base/zeroes.h"
#include "wire/frame.h"

static bool
is_aligned(uint64_t n)
{
    return n % BULK_ALIGN == 0;
}

/* From here on with or without the page cache. */
static void
set_direct(struct direct *d, bool on)
{
    int flags;

    on = on && !d->refused;
    if (on == d->on || (flags = fcntl(d->fd, F_GETFL)) < 0)
        return;
    flags = on ? flags | O_DIRECT : flags & ~O_DIRECT;
    if (fcntl(d->fd, F_SETFL, flags) == 0)
        d->on = on;
    else
        d->refused = true;
}

/* Refused with O_DIRECT: try again without? */
static bool
give_way(struct direct *d)
{
    if (!d->on || (errno != EINVAL && errno != EOPNOTSUPP))
        return false;
    d->refused = true;
    set_direct(d, false);
    return true;
}

ssize_t
direct_read(struct direct *d, void *buffer, size_t size, int64_t at)
{
    size_t want = size;
    ssize_t n;

    if (size >= DIRECT_LEAST && is_aligned((uint64_t)at)) {
        set_direct(d, true);
        if (d->on)
            want = bulk_round_up(size);
    } else {
        set_direct(d, false);
    }
    do
        n = pread(d->fd, buffer, want, at);
    while (n < 0 && (errno == EINTR || give_way(d)));
    return n > (ssize_t)size ? (ssize_t)size : n;
}

int
direct_write(struct direct *d, const void *buffer, size_t size, int64_t at)
{
    const uint8_t *p = buffer;

    while (size > 0) {
        size_t head = bulk_round_up((size_t)(at % BULK_ALIGN)) -
                      (size_t)(at % BULK_ALIGN);
        bool large = size >= DIRECT_LEAST && !d->refused &&
                     ((uintptr_t)p + head) % 512 == 0;
        size_t part = large && head > 0 ? head : size;

        set_direct(d, large && head == 0);
        if (d->on)
            part = size / BULK_ALIGN * BULK_ALIGN;
        ssize_t n = pwrite(d->fd, p, part, at);
        if (n < 0 && (errno == EINTR || give_way(d)))
            continue;
        if (n <= 0)
            return -1;
        p += n;
        at += n;
        size -= (size_t)n;
    }
    return 0;
}

/* --- file to stream --- */

/* The hole at AT, up to END; 0: none, or not to be known. */
static int64_t
hole_at(const struct direct *d, int64_t at, int64_t end)
{
    off_t data;

    if (d->device)
        return 0;
    data = lseek(d->fd, at, SEEK_DATA);
    if (data < 0)
        return errno == ENXIO ? end - at : 0;
    return (data < end ? data : end) - at;
}

static int64_t
data_at(const struct direct *d, int64_t at, int64_t end)
{
    off_t hole = d->device ? end : lseek(d->fd, at, SEEK_HOLE);

    if (hole < 0 || hole > end)
        hole = end;
    return hole > at ? hole - at : end - at;
}

static int
send_data(struct call *c, struct direct *d, uint8_t *buffer, int64_t at,
    int64_t size, const char *path)
{
    while (size > 0) {
        /* A first piece that is not aligned would spoil all others. */
        int64_t most =
            is_aligned((uint64_t)at) ? BULK_SLOT : BULK_ALIGN - at % BULK_ALIGN;
        size_t want = (size_t)(size < most ? size : most);
        ssize_t n = direct_read(d, buffer, want, at);

        if (n < 0)
            return call_fail(c, errno, "%s", path);
        if (n == 0)
            return call_error(
                c, EIO, "%s: end of file at byte %lld", path, (long long)at);
        if (stream_write(c, buffer, (size_t)n) < 0)
            return -1;
        at += n;
        size -= n;
    }
    return 0;
}

int
direct_open(struct call *c, struct direct *d, int fd, const char *path)
{
    struct stat st;

    *d = (struct direct){.fd = fd};
    if (fstat(fd, &st) < 0)
        return call_fail(c, errno, "%s", path);
    d->device = S_ISBLK(st.st_mode);
    d->size = d->device ? 0 : st.st_size;
    return 0;
}

int
direct_each(int fd, int64_t size, void *buffer,
    int (*take)(void *opaque, void *data, size_t size), void *opaque)
{
    struct direct d = {.fd = fd};

    for (int64_t done = 0; done < size;) {
        int64_t left = size - done;
        ssize_t n = direct_read(
            &d, buffer, left < BULK_SLOT ? (size_t)left : BULK_SLOT, done);

        if (n <= 0)
            return n < 0 ? -1 : (errno = EIO, -1);
        if (take(opaque, buffer, (size_t)n) < 0)
            return -1;
        done += n;
    }
    return 0;
}

int
direct_send(
    struct call *c, int fd, const char *path, int64_t start, int64_t size)
{
    struct direct d;
    uint8_t *buffer = bulk_buffer(c);
    int64_t at = start, end = start + size;

    if (direct_open(c, &d, fd, path) < 0)
        return -1;
    while (at < end) {
        int64_t n = hole_at(&d, at, end);

        if (n > 0) {
            if (stream_hole(c, (uint64_t)n) < 0)
                return -1;
        } else {
            n = data_at(&d, at, end);
            /* In steps, for the sake of progress. */
            n = n < 16 * BULK_SLOT ? n : 16 * BULK_SLOT;
            if (send_data(c, &d, buffer, at, n, path) < 0)
                return -1;
        }
        at += n;
        call_progress(c, (uint64_t)(at - start), (uint64_t)size);
    }
    return 0;
}

/* --- stream to file --- */

static int
write_zeroes(struct call *c, struct direct *d, int64_t at, uint64_t size)
{
    uint8_t *buffer = bulk_buffer(c);

    memset(buffer, 0, BULK_SLOT);
    while (size > 0) {
        size_t n = size < BULK_SLOT ? (size_t)size : BULK_SLOT;

        if (direct_write(d, buffer, n, at) < 0)
            return -1;
        if (call_cancelled(c))
            return errno = ECANCELED, -1;
        at += (int64_t)n;
        size -= n;
    }
    return 0;
}

/* Zeroes, without writing them where that can be avoided. */
static int
make_hole(struct call *c, struct direct *d, int64_t at, uint64_t size)
{
    int mode = d->device ? FALLOC_FL_ZERO_RANGE : FALLOC_FL_PUNCH_HOLE;

    if (!d->device && at >= d->size)
        return 0;
    set_direct(d, false);
    if (fallocate(d->fd, mode | FALLOC_FL_KEEP_SIZE, at, (off_t)size) == 0)
        return 0;
    return write_zeroes(c, d, at, size);
}

int
direct_receive(struct call *c, int fd, const char *path, int64_t at)
{
    struct direct d;
    struct piece p;
    int r;

    if (direct_open(c, &d, fd, path) < 0)
        return -1;
    while ((r = stream_next(c, &p)) > 0) {
        if (p.hole > (uint64_t)(INT64_MAX - at))
            return call_fail(c, EFBIG, "%s", path);
        if ((p.hole ? make_hole(c, &d, at, p.hole)
                    : direct_write(&d, p.data, p.size, at)) < 0)
            return call_errno(c) ? -1 : call_fail(c, errno, "%s", path);
        at += (int64_t)(p.hole + p.size);
        if (!p.hole && at > d.size)
            d.size = at;
    }
    if (r < 0)
        return -1;
    /* It may end with a hole. */
    if (!d.device && at > d.size && ftruncate(fd, at) < 0)
        return call_fail(c, errno, "%s", path);
    return 0;
}

/* --- file to file --- */

int
direct_copy(struct call *c, const struct direct_copy *copy)
{
    struct direct src, dest;
    uint8_t *buffer = bulk_buffer(c);

    if (direct_open(c, &src, copy->src, copy->src_path) < 0 ||
        direct_open(c, &dest, copy->dest, copy->dest_path) < 0)
        return -1;
    for (int64_t done = 0; done < copy->size;) {
        int64_t from = copy->from + done, left = copy->size - done;
        /* A first piece that is not aligned would spoil all others. */
        int64_t most = BULK_SLOT - from % BULK_ALIGN;
        ssize_t n = direct_read(
            &src, buffer, (size_t)(left < most ? left : most), from);

        if (n < 0)
            return call_fail(c, errno, "%s", copy->src_path);
        if (n == 0)
            return call_error(c, EIO, "%s: end of file at byte %lld",
                copy->src_path, (long long)from);
        if (!(copy->sparse && is_zeroes(buffer, (size_t)n)) &&
            direct_write(&dest, buffer, (size_t)n, copy->to + done) < 0)
            return call_fail(c, errno, "%s", copy->dest_path);
        done += n;
        call_progress(c, (uint64_t)done, (uint64_t)copy->size);
        if (call_cancelled(c))
            return call_fail(c, ECANCELED, "%s", copy->dest_path);
    }
    /* Zeroes at the end that were not written still count. */
    int64_t end = copy->to + copy->size;
    struct stat st;
    if (copy->sparse && !dest.device &&
        (fstat(copy->dest, &st) < 0 ||
            (st.st_size < end && ftruncate(copy->dest, end) < 0)))
        return call_fail(c, errno, "%s", copy->dest_path);
    return 0;
}
