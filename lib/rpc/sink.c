/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <config.h>

#include "lib/rpc/sink.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/zeroes.h"
#include "base/file.h"

void
sink_open(struct sink *s, int fd)
{
    struct stat st;
    int flags = fd < 0 ? -1 : fcntl(fd, F_GETFL);
    off_t at = fd < 0 ? -1 : lseek(fd, 0, SEEK_CUR);

    *s = (struct sink){.fd = fd};
    s->sparse = flags >= 0 && !(flags & O_APPEND) && at >= 0 &&
                fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size <= at;
}

static int
pass_hole(struct sink *s)
{
    if (s->hole == 0)
        return 0;
    off_t at = lseek(s->fd, (off_t)s->hole, SEEK_CUR);
    s->hole = 0;
    return at < 0 ? -1 : 0;
}

static int
write_data(struct sink *s, const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    return pass_hole(s) < 0 ? -1 : write_all(s->fd, data, size);
}

int
sink_write(struct sink *s, const void *data, size_t size)
{
    const uint8_t *p = data;
    size_t start = 0;

    if (s->fd < 0)
        return 0;
    for (size_t at = 0; s->sparse && at < size;) {
        size_t n = size - at < ZEROES_BLOCK ? size - at : ZEROES_BLOCK;

        if (n == ZEROES_BLOCK && is_zeroes(p + at, n)) {
            if (write_data(s, p + start, at - start) < 0)
                return -1;
            s->hole += n;
            start = at + n;
        }
        at += n;
    }
    return write_data(s, p + start, size - start);
}

int
sink_hole(struct sink *s, uint64_t size)
{
    static const uint8_t zeroes[ZEROES_BLOCK];

    if (s->fd < 0)
        return 0;
    if (s->sparse) {
        if (size > INT64_MAX - s->hole)
            return errno = EFBIG, -1;
        s->hole += size;
        return 0;
    }
    while (size > 0) {
        size_t n = size < sizeof zeroes ? (size_t)size : sizeof zeroes;

        if (write_all(s->fd, zeroes, n) < 0)
            return -1;
        size -= n;
    }
    return 0;
}

int
sink_finish(struct sink *s)
{
    if (s->fd < 0 || s->hole == 0)
        return 0;
    if (pass_hole(s) < 0)
        return -1;
    return ftruncate(s->fd, lseek(s->fd, 0, SEEK_CUR));
}
