/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Bytes that go into no core file and are wiped when they are freed. */
#pragma once
#include <stddef.h>

struct secret {
    size_t size;
    char bytes[]; /* followed by a zero byte */
};

/* Of SIZE bytes, at first zeroes; NULL if out of memory. */
struct secret *secret_new(size_t size);

/* S may be NULL. */
void secret_free(struct secret *s);

static inline void
secret_freep(struct secret **s)
{
    secret_free(*s);
}

#define cleanup_secret __attribute__((cleanup(secret_freep)))
