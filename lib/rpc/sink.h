/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The host's file that a stream goes into.  In a regular file with nothing
 * behind the place where it stands zeroes are left out. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sink {
    int fd; /* -1: nobody wants the data */
    bool sparse;
    uint64_t hole; /* zeroes left out and not yet passed by */
};

void sink_open(struct sink *s, int fd);

/* 0, or -1 with errno. */
int sink_write(struct sink *s, const void *data, size_t size);
int sink_hole(struct sink *s, uint64_t size);

/* What is still to be done at the end; the file stays open. */
int sink_finish(struct sink *s);
