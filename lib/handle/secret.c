/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <config.h>

#include "lib/handle/secret.h"

#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

/* Pages of its own, so that they can be kept out of core files. */
struct secret *
secret_new(size_t size)
{
    const size_t extra = sizeof(struct secret) + 1;

    if (size > SIZE_MAX / 2)
        return NULL;
    struct secret *s = mmap(NULL, size + extra, PROT_READ | PROT_WRITE,
        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (s == MAP_FAILED)
        return NULL;
    madvise(s, size + extra, MADV_DONTDUMP);
    /* A limit of none is no reason to refuse the key. */
    mlock(s, size + extra);
    s->size = size;
    return s;
}

void
secret_free(struct secret *s)
{
    if (!s)
        return;

    size_t all = s->size + sizeof(struct secret) + 1;

    explicit_bzero(s, all);
    munmap(s, all);
}
