/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <config.h>

#include "lib/rpc/feed.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

void
feed_open(struct feed *s, int fd)
{
    struct stat st;

    *s = (struct feed){.fd = fd};
    if (fstat(fd, &st) == 0) {
        s->regular = S_ISREG(st.st_mode);
        s->zeroes = S_ISCHR(st.st_mode);
    }
}

/* The length of the hole at the file's offset, which is skipped; 0 without a
 * hole, or if it cannot be determined. */
static uint64_t
pass_hole(struct feed *s)
{
    struct stat st;
    off_t at = lseek(s->fd, 0, SEEK_CUR);
    off_t data = at < 0 ? -1 : lseek(s->fd, at, SEEK_DATA);

    if (data < 0 && errno == ENXIO && fstat(s->fd, &st) == 0)
        data = lseek(s->fd, st.st_size > at ? st.st_size : at, SEEK_SET);
    return data > at ? (uint64_t)(data - at) : 0;
}

ssize_t
feed_read(struct feed *s, void *data, size_t room, uint64_t *ret_hole)
{
    ssize_t n;

    *ret_hole = s->regular ? pass_hole(s) : 0;
    if (*ret_hole > 0)
        return 0;
    do
        n = read(s->fd, data, room);
    while (n < 0 && errno == EINTR);
    return n;
}
