/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* write, write_append and pwrite: content of any size, by calls whose size is
 * limited. */
#include <config.h>

#include <errno.h>

#include "internal-calls.h"
#include "lib/transfer/worker.h"

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

/* --- into the middle --- */

typedef int (*pwrite_function)(struct mayfly *g, const char *where,
    const void *content, size_t n, int64_t offset, int32_t *ret);

/* Callers do not check whether everything was written, so write it all if
 * possible. */
struct content {
    const char *data;
    size_t size;
    int64_t offset;
};

static int
pwrite_pieces(struct mayfly *g, const char *call, pwrite_function write,
    const char *where, const struct content *c, int32_t *ret)
{
    size_t done = 0;

    if (c->offset < 0 || c->offset > INT64_MAX - INT32_MAX)
        return error_set(&g->error, EINVAL, "%s: invalid offset %lld", call,
            (long long)c->offset);
    if (c->size > INT32_MAX)
        return error_set(&g->error, E2BIG,
            "%s: %zu bytes are more than one call can write", call, c->size);
    do {
        size_t n = c->size - done < PIECE ? c->size - done : PIECE;
        int32_t written = 0;

        if (write(g, where, c->data + done, n, c->offset + (int64_t)done,
                &written) < 0)
            return fail_as(g, call, "internal_pwrite");
        if (written <= 0 || (size_t)written > n)
            break;
        done += (size_t)written;
    } while (done < c->size);
    *ret = (int32_t)done;
    return 0;
}

MAYFLY_PUBLIC int
mayfly_pwrite(struct mayfly *g, const char *path, const void *content,
    size_t n_content, int64_t offset, int32_t *ret)
{
    const struct content c = {content, n_content, offset};

    return pwrite_pieces(g, "pwrite", mayfly_internal_pwrite, path, &c, ret);
}

MAYFLY_PUBLIC int
mayfly_pwrite_device(struct mayfly *g, const char *device, const void *content,
    size_t n_content, int64_t offset, int32_t *ret)
{
    const struct content c = {content, n_content, offset};

    return pwrite_pieces(
        g, "pwrite_device", mayfly_internal_pwrite_device, device, &c, ret);
}
