/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* write and write_append: content of any size in calls of a bounded one. */
#include <config.h>

#include "internal-calls.h"
#include "lib/bulk/worker.h"

enum { PIECE = 512 << 10 };

static int
write_pieces(struct mayfly *g, const char *call, const char *path,
    const char *content, size_t size, bool append)
{
    do {
        size_t n = size < PIECE ? size : PIECE;

        if (mayfly_internal_write(g, path, content, n, append) < 0)
            return fail_as(g, call, "internal_write");
        if (n > 0)
            content += n;
        size -= n;
        append = true;
    } while (size > 0);
    return 0;
}

MAYFLY_PUBLIC int
mayfly_write(
    struct mayfly *g, const char *path, const void *content, size_t n_content)
{
    return write_pieces(g, "write", path, content, n_content, false);
}

MAYFLY_PUBLIC int
mayfly_write_append(
    struct mayfly *g, const char *path, const void *content, size_t n_content)
{
    return write_pieces(g, "write_append", path, content, n_content, true);
}
