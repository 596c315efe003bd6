/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "appliance/agent/guest/content.h"

#include <archive.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "appliance/agent/call/call.h"
#include "appliance/agent/call/memory.h"
#include "appliance/agent/guest/kept.h"
#include "appliance/agent/guest/path.h"
#include "base/cleanup.h"

/* O_NONBLOCK: the open of a pipe returns at once; for files it means
 * nothing. */
enum { SAFE = O_NOCTTY | O_NONBLOCK };

static int
check_regular(struct call *c, int fd, const char *path)
{
    struct stat st;

    if (fstat(fd, &st) < 0)
        return call_fail(c, errno, "%s", path);
    if (S_ISDIR(st.st_mode))
        return call_fail(c, EISDIR, "%s", path);
    if (!S_ISREG(st.st_mode))
        return call_error(c, EINVAL, "%s: not a regular file", path);
    return 0;
}

int
content_open(struct call *c, const char *path)
{
    cleanup_close int fd = path_open(c, path, O_RDONLY | SAFE, 0);

    if (fd < 0 || check_regular(c, fd, path) < 0)
        return -1;
    return steal_fd(&fd);
}

/* --- capabilities --- */

/* The kernel takes a program's capabilities with the first write into it, but
 * not the set-user-ID bit if root writes.  They come back when the call
 * ends. */
struct capability {
    int fd;
    struct kept *kept;
};

static void
give_back(void *opaque)
{
    struct capability *k = opaque;

    kept_restore(k->kept, k->fd, NULL);
    kept_free(k->kept);
    close(k->fd);
}

static int
keep_capability(struct call *c, int fd, const char *path)
{
    struct capability *k = call_alloc(c, sizeof *k);

    k->kept = kept_read_fd(fd, "security.capability");
    if (!k->kept)
        return 0;
    k->fd = fcntl(fd, F_DUPFD_CLOEXEC, 3);
    if (k->fd < 0) {
        kept_free(k->kept);
        return call_fail(c, errno, "%s", path);
    }
    call_defer(c, give_back, k);
    return 0;
}

int
content_open_write(struct call *c, const char *path, int flags)
{
    cleanup_close int fd =
        path_open(c, path, O_WRONLY | SAFE | (flags & ~O_TRUNC), 0666);

    if (fd < 0 || check_regular(c, fd, path) < 0 ||
        keep_capability(c, fd, path) < 0)
        return -1;
    if ((flags & O_TRUNC) && ftruncate(fd, 0) < 0)
        return call_fail(c, errno, "%s", path);
    return steal_fd(&fd);
}

int64_t
content_size(struct call *c, int fd, const char *path)
{
    struct stat st;
    uint64_t size = 0;

    if (fstat(fd, &st) < 0 ||
        (S_ISBLK(st.st_mode) && ioctl(fd, BLKGETSIZE64, &size) < 0))
        return call_fail(c, errno, "%s", path);
    return S_ISBLK(st.st_mode) ? (int64_t)size : st.st_size;
}

char *
content_read(struct call *c, const char *path, size_t *ret_size)
{
    cleanup_close int fd = content_open(c, path);
    if (fd < 0)
        return NULL;

    int64_t size = content_size(c, fd, path);
    if (size < 0)
        return NULL;
    /* A file of /proc has a size of 0 and content. */
    size_t room = size > 0 ? (size_t)size : 65536;
    if (size > CONTENT_MAX) {
        call_error(c, EFBIG, "%s: larger than %d MiB, use download", path,
            CONTENT_MAX >> 20);
        return NULL;
    }

    char *data = call_alloc(c, room + 1);
    size_t used = 0;
    while (used < room) {
        ssize_t n = read(fd, data + used, room - used);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            call_fail(c, errno, "%s", path);
            return NULL;
        }
        if (n == 0)
            break;
        used += (size_t)n;
    }
    data[used] = 0;
    *ret_size = used;
    return data;
}

char *
content_read_text(struct call *c, const char *path)
{
    size_t size;
    char *text = content_read(c, path, &size);

    if (text && memchr(text, 0, size)) {
        call_error(c, EILSEQ, "%s: holds a zero byte, use read_file", path);
        return NULL;
    }
    return text;
}

int
content_write_all(
    struct call *c, int fd, const void *data, size_t size, const char *path)
{
    const char *p = data;

    while (size > 0) {
        ssize_t n = write(fd, p, size);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return call_fail(c, errno, "%s", path);
        p += n;
        size -= (size_t)n;
    }
    return 0;
}

/* Read more after what is there, making room first. */
static int
lines_fill(struct call *c, struct lines *l)
{
    if (l->start > 0) {
        memmove(l->buffer, l->buffer + l->start, l->end - l->start);
        l->end -= l->start;
        l->start = 0;
    }
    if (l->end == l->room) {
        if (l->room >= CONTENT_MAX)
            return call_error(c, EFBIG, "%s: a line is longer than %d MiB",
                l->path, CONTENT_MAX >> 20);
        size_t room = l->room ? 2 * l->room : 65536;
        char *bigger = call_alloc(c, room + 1);
        if (l->end > 0)
            memcpy(bigger, l->buffer, l->end);
        l->buffer = bigger;
        l->room = room;
    }

    ssize_t n;
    if (l->archive) {
        n = archive_read_data(l->archive, l->buffer + l->end, l->room - l->end);
        if (n < 0)
            return call_error(
                c, EIO, "%s: %s", l->path, archive_error_string(l->archive));
    } else {
        do
            n = read(l->fd, l->buffer + l->end, l->room - l->end);
        while (n < 0 && errno == EINTR);
        if (n < 0)
            return call_fail(c, errno, "%s", l->path);
    }
    if (n == 0)
        l->ended = true;
    l->end += (size_t)n;
    if (call_cancelled(c))
        return call_fail(c, ECANCELED, "%s", l->path);
    return 0;
}

int
lines_next(struct call *c, struct lines *l, char **ret_line, size_t *ret_length)
{
    size_t seen = 0; /* bytes after start known to hold no newline */

    for (;;) {
        size_t have = l->end - l->start;
        char *from = l->buffer ? l->buffer + l->start : NULL;
        char *newline = NULL;
        if (have > seen)
            newline = memchr(from + seen, '\n', have - seen);
        if (newline || (l->ended && have > 0)) {
            size_t length = newline ? (size_t)(newline - from) : have;
            from[length] = 0;
            l->start += length + (newline != NULL);
            *ret_line = from;
            *ret_length = length;
            return 0;
        }
        if (l->ended) {
            *ret_line = NULL;
            *ret_length = 0;
            return 0;
        }
        seen = have;
        if (lines_fill(c, l) < 0)
            return -1;
    }
}

int
strings_add(struct call *c, struct strings *s, const char *text, size_t length)
{
    s->bytes += length + 4;
    if (s->bytes > CONTENT_MAX)
        return call_error(
            c, EFBIG, "the result is larger than %d MiB", CONTENT_MAX >> 20);
    *list_add(c, &s->list, char *) = call_strndup(c, text, length);
    return 0;
}
