/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The host's file that a stream is read from. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct feed {
    int fd;
    bool regular; /* it may have holes */
    bool zeroes;  /* for /dev/zero: this many more are to be sent */
};

void feed_open(struct feed *s, int fd);

/* The next bytes, at most ROOM, as many as are available at once; 0 at the end,
 * -1 with errno.  If a hole comes first, returns 0 with the hole's length in
 * *ret_hole, which is otherwise 0. */
ssize_t feed_read(struct feed *s, void *data, size_t room, uint64_t *ret_hole);
