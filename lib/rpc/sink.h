/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The host's file that a stream is written to.  In a regular file with nothing
 * after the current offset, zeroes are left out. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sink {
    int fd; /* -1: discard the data */
    bool sparse;
    uint64_t hole; /* zeroes left out and not yet skipped */
};

void sink_open(struct sink *s, int fd);

/* 0, or -1 with errno. */
int sink_write(struct sink *s, const void *data, size_t size);
int sink_hole(struct sink *s, uint64_t size);

/* Do what remains at the end; the file stays open. */
int sink_finish(struct sink *s);
