/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The host's file that a stream comes from. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct feed {
    int fd;
    bool regular; /* it may have holes */
    bool zeroes;  /* so many of them shall be written: /dev/zero */
};

void feed_open(struct feed *s, int fd);

/* The next bytes, at most ROOM, as many as there are at once; 0 at the end,
 * -1 with errno.  If there is a hole first, 0 and its length in *ret_hole,
 * else 0 there. */
ssize_t feed_read(struct feed *s, void *data, size_t room, uint64_t *ret_hole);
