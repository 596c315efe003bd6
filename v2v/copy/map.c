/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "v2v/copy/map.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"

#define CONTEXT "qemu:allocation-depth"

enum {
    ASK = 1 << 30,
    DEPTH_BASE = 2, /* the overlay is 1 */
    EXTENTS_MAX = 1 << 22,
};

int
map_add_piece(struct map *map, const char *path, uint64_t start, uint64_t size,
    uint64_t offset, struct error *err)
{
    int fd;

    if (map->n_pieces == MAP_PIECES_MAX)
        return error_set(err, E2BIG, "more than %d pieces", MAP_PIECES_MAX);
    if ((fd = open(path, O_RDONLY | O_CLOEXEC)) < 0)
        return error_errno(err, errno, "cannot open %s", path);
    map->pieces[map->n_pieces++] = (struct map_piece){
        .start = start, .size = size, .offset = offset, .fd = fd};
    return 0;
}

/* --- the extents --- */

struct reading {
    struct map *map;
    size_t room;
    uint64_t at, size;
    bool failed;
};

static void
add(struct reading *r, uint64_t start, uint64_t size)
{
    struct map *map = r->map;
    struct map_extent *last = map->n ? &map->extents[map->n - 1] : NULL;

    if (last && last->start + last->size == start) {
        last->size += size;
        return;
    }
    if (map->n == r->room) {
        size_t room = r->room ? 2 * r->room : 1024;
        struct map_extent *more =
            room > EXTENTS_MAX ? NULL
                               : reallocarray(map->extents, room, sizeof *more);

        if (!more) {
            r->failed = true;
            return;
        }
        map->extents = more;
        r->room = room;
    }
    map->extents[map->n++] = (struct map_extent){start, size};
}

static int
take(void *opaque, const char *context, uint64_t offset, uint32_t *entries,
    size_t n, int *error)
{
    struct reading *r = opaque;

    (void)context, (void)offset, (void)error;
    for (size_t i = 0; i + 1 < n && !r->failed; i += 2) {
        uint64_t rest = r->size - r->at;
        uint64_t size = entries[i] < rest ? entries[i] : rest;

        if (entries[i + 1] == DEPTH_BASE)
            add(r, r->at, size);
        r->at += size;
    }
    return 0;
}

static int
read_all_extents(struct reading *r, struct nbd_handle *nbd, struct error *err)
{
    int64_t size = nbd_get_size(nbd);

    if (size < 0 || nbd_can_meta_context(nbd, CONTEXT) != 1)
        return error_set(err, ENOTSUP, "the server has no " CONTEXT);
    r->size = (uint64_t)size;
    while (r->at < r->size) {
        uint64_t before = r->at, rest = r->size - r->at;

        if (nbd_block_status(nbd, rest < ASK ? rest : ASK, r->at,
                (nbd_extent_callback){.callback = take, .user_data = r}, 0) < 0)
            return server_fail(err, "cannot ask where data is");
        if (r->failed)
            return error_no_memory(err);
        if (r->at == before)
            return error_set(err, EPROTO, "the server does not answer");
    }
    return 0;
}

int
map_read(struct map *map, const struct server *s, struct error *err)
{
    struct reading r = {.map = map};
    struct nbd_handle *nbd = server_connect(s, CONTEXT, err);
    int result = nbd ? read_all_extents(&r, nbd, err) : -1;

    nbd_close(nbd);
    return result;
}

/* --- reading --- */

/* Does all of it lie in the base? */
static bool
is_in_base(const struct map *map, uint64_t size, uint64_t offset)
{
    size_t low = 0, high = map->n;

    while (low < high) {
        size_t middle = (low + high) / 2;
        const struct map_extent *e = &map->extents[middle];

        if (offset < e->start)
            high = middle;
        else if (offset - e->start >= e->size)
            low = middle + 1;
        else
            return size <= e->size - (offset - e->start);
    }
    return false;
}

static const struct map_piece *
find_piece(const struct map *map, uint64_t offset)
{
    for (size_t i = 0; i < map->n_pieces; i++) {
        const struct map_piece *p = &map->pieces[i];

        if (offset >= p->start && offset - p->start < p->size)
            return p;
    }
    return NULL;
}

bool
map_pread(const struct map *map, uint8_t *data, size_t size, uint64_t offset)
{
    if (!is_in_base(map, size, offset))
        return false;
    while (size) {
        const struct map_piece *p = find_piece(map, offset);

        if (!p)
            return false;

        uint64_t into = offset - p->start;
        size_t n = size < p->size - into ? size : (size_t)(p->size - into);
        if (pread_all(p->fd, data, n, (off_t)(p->offset + into)) < 0)
            return false;
        data += n;
        size -= n;
        offset += n;
    }
    return true;
}

void
map_clear(struct map *map)
{
    for (size_t i = 0; i < map->n_pieces; i++)
        close(map->pieces[i].fd);
    free(map->extents);
    *map = (struct map){0};
}
