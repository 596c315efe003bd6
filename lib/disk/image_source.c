/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <config.h>

#include "lib/disk/image_source.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"

/* Enough for the tables of a 512 GiB qcow2; they are read only when something
 * already looks wrong. */
static const uint64_t TABLE_BUDGET = 64 << 20;

static int
pread_fd(void *opaque, void *data, size_t n, uint64_t offset)
{
    return pread_all(*(int *)opaque, data, n, (off_t)offset);
}

int
source_open(struct image_source *src, int *fd, struct error *err)
{
    /* Block devices have no st_size; the end is found by seeking. */
    off_t end = lseek(*fd, 0, SEEK_END);

    if (end < 0)
        return error_errno(err, errno, "cannot find its size");
    *src = (struct image_source){
        .size = (uint64_t)end,
        .pread = pread_fd,
        .opaque = fd,
        .budget = TABLE_BUDGET,
    };
    return 0;
}

bool
source_holds(const struct image_source *src, uint64_t offset, uint64_t n)
{
    return offset <= src->size && n <= src->size - offset;
}

bool
source_pay(struct image_source *src, uint64_t n)
{
    if (n > src->budget)
        return false;
    src->budget -= n;
    return true;
}

int
source_truncated(const struct image_source *src, uint64_t offset,
    const char *what, struct error *err)
{
    return error_set(err, EINVAL,
        "truncated: %s is at byte %" PRIu64 ", but the file ends at byte "
        "%" PRIu64,
        what, offset, src->size);
}

int
source_read(const struct image_source *src, void *data, size_t n,
    uint64_t offset, const char *what, struct error *err)
{
    if (!source_holds(src, offset, n))
        return source_truncated(src, offset, what, err);
    if (n > 0 && src->pread(src->opaque, data, n, offset) < 0)
        return error_errno(err, errno, "cannot read %s", what);
    return 0;
}

bool
source_peek(
    const struct image_source *src, void *data, size_t n, uint64_t offset)
{
    size_t there = 0;

    memset(data, 0, n);
    if (offset < src->size)
        there = src->size - offset < n ? (size_t)(src->size - offset) : n;
    return there == 0 || src->pread(src->opaque, data, there, offset) == 0;
}

char *
source_read_name(const struct image_source *src, uint64_t offset, size_t n,
    const char *what, struct error *err)
{
    cleanup_free char *name = malloc(n + 1);

    if (!name)
        return error_no_memory(err), NULL;
    if (source_read(src, name, n, offset, what, err) < 0)
        return NULL;
    name[n] = 0;
    if (n == 0 || strlen(name) != n)
        return error_set(err, EINVAL, "corrupt: %s is not a valid name", what),
               NULL;
    return steal_pointer(&name);
}
