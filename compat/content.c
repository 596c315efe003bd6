/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Calls of mayfly whose limits are narrower than what programs rely on. */
#include <config.h>

#include <stdlib.h>

#include "compat-own.h"
#include "compat/handle.h"

/* The most that mayfly_pwrite takes at once. */
enum { PIECE = 960 << 10 };

typedef int (*pwrite_function)(struct mayfly *m, const char *where,
    const void *content, size_t n, int64_t offset, int32_t *ret);

/* Programs do not look whether all was written, so all is. */
static int
pwrite_all(guestfs_h *g, pwrite_function write, const char *where,
    const char *content, size_t size, int64_t offset)
{
    size_t done = 0;

    do {
        size_t n = size - done < PIECE ? size - done : PIECE;
        int32_t written;

        if (write(g->m, where, content + done, n, offset + (int64_t)done,
                &written) < 0)
            return call_mayfly_error(g);
        done += (size_t)written;
        if (written == 0)
            break;
    } while (done < size);
    return (int)done;
}

int
own_pwrite(guestfs_h *g, const char *path, const char *content, size_t size,
    int64_t offset)
{
    return pwrite_all(g, mayfly_pwrite, path, content, size, offset);
}

int
own_pwrite_device(guestfs_h *g, const char *device, const char *content,
    size_t size, int64_t offset)
{
    return pwrite_all(g, mayfly_pwrite_device, device, content, size, offset);
}

/* Theirs does not say where a link points to. */
char *
own_file(guestfs_h *g, const char *path)
{
    static const char link[] = "symbolic link";
    char *text = NULL;

    if (mayfly_file(g->m, path, &text) < 0) {
        call_mayfly_error(g);
        return NULL;
    }
    if (str_after(text, link))
        text[strlen(link)] = '\0';
    return text;
}
