/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Theory of operation: the server is asked for the status of a gigabyte at a
 * time.  Its answers may start and end anywhere; the parts to be read are
 * extended to whole blocks, and what remains between them is zero or not
 * wanted. */
#include <config.h>

#include "v2v/copy/extents.h"

#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/strv.h"

enum {
    ASK = 1 << 30,
    PARTS_MAX = 1 << 16,
    FLAG_ZERO = 1 << 1, /* of base:allocation */
    FLAG_DIRTY = 1 << 0,
    DEPTH_TOP = 1,
};

struct part {
    uint64_t end;
    bool wanted;
};

struct extents {
    struct nbd_handle *nbd;
    enum visit visit;
    bool has_context;
    uint64_t size;
    uint64_t at;    /* what comes next */
    uint64_t known; /* the parts are known up to here */
    struct part parts[PARTS_MAX];
    size_t n, next;
};

static char *
context_of(enum visit visit, const char *bitmap)
{
    switch (visit) {
    case VISIT_TOP:
        return strdup("qemu:allocation-depth");
    case VISIT_DIRTY:
        return text_printf("qemu:dirty-bitmap:%s", bitmap);
    case VISIT_ALL:
        break;
    }
    return strdup(LIBNBD_CONTEXT_BASE_ALLOCATION);
}

static int
start(struct extents *e, struct server *source, const char *context,
    struct error *err)
{
    if (!(e->nbd = server_connect(source, context, err)))
        return -1;

    int64_t size = nbd_get_size(e->nbd);
    int has_context = nbd_can_meta_context(e->nbd, context);
    if (size < 0 || has_context < 0)
        return server_fail(err, "NBD");
    if (!has_context && e->visit != VISIT_ALL)
        return error_set(
            err, ENOTSUP, "the source does not support %s", context);
    e->has_context = has_context;
    e->size = (uint64_t)size;
    return 0;
}

struct extents *
extents_new(struct server *source, enum visit visit, const char *bitmap,
    struct error *err)
{
    struct extents *e = calloc(1, sizeof *e);
    cleanup_free char *context = context_of(visit, bitmap);

    if (!e || !context) {
        free(e);
        return error_no_memory(err), NULL;
    }
    e->visit = visit;
    if (start(e, source, context, err) < 0) {
        extents_free(e);
        return NULL;
    }
    return e;
}

struct nbd_handle *
extents_nbd(const struct extents *e)
{
    return e->nbd;
}

uint64_t
extents_size(const struct extents *e)
{
    return e->size;
}

static bool
is_wanted(const struct extents *e, uint32_t flags)
{
    switch (e->visit) {
    case VISIT_TOP:
        return flags == DEPTH_TOP;
    case VISIT_DIRTY:
        return flags & FLAG_DIRTY;
    case VISIT_ALL:
        break;
    }
    return !(flags & FLAG_ZERO);
}

static int
take(void *opaque, const char *context, uint64_t offset, uint32_t *entries,
    size_t n, int *error)
{
    struct extents *e = opaque;

    (void)context, (void)offset, (void)error;
    for (size_t i = 0; i + 1 < n && e->n < PARTS_MAX; i += 2) {
        bool wanted = is_wanted(e, entries[i + 1]);

        if (entries[i] > e->size - e->known)
            entries[i] = (uint32_t)(e->size - e->known);
        e->known += entries[i];
        if (e->n && e->parts[e->n - 1].wanted == wanted)
            e->parts[e->n - 1].end = e->known;
        else
            e->parts[e->n++] = (struct part){.end = e->known, .wanted = wanted};
    }
    return 0;
}

/* Ask for the next parts.  Keep the last one: the next may continue it. */
static int
ask(struct extents *e, struct error *err)
{
    uint64_t before = e->known, rest = e->size - e->known;

    e->n = e->next = 0;
    if (!e->has_context) {
        /* A server without block status. */
        e->known = e->size;
        e->parts[e->n++] = (struct part){.end = e->size, .wanted = true};
        return 0;
    }
    if (nbd_block_status(e->nbd, rest < ASK ? rest : ASK, e->known,
            (nbd_extent_callback){.callback = take, .user_data = e}, 0) < 0)
        return server_fail(err, "cannot ask where data is");
    if (e->known == before)
        return error_set(
            err, EPROTO, "the source does not report which blocks have data");
    return 0;
}

static uint64_t
round_up(const struct extents *e, uint64_t at)
{
    uint64_t up = (at + BLOCK_SIZE - 1) / BLOCK_SIZE * BLOCK_SIZE;

    return up < e->size ? up : e->size;
}

/* The end of the unwanted parts from E->at on, including the current one. */
static uint64_t
end_of_rest(const struct extents *e)
{
    uint64_t end = e->parts[e->next].end;

    /* The block in which the next part starts belongs to that part. */
    return end < e->size ? end / BLOCK_SIZE * BLOCK_SIZE : end;
}

int
extents_next(struct extents *e, uint64_t *ret_offset, uint64_t *ret_size,
    enum extent_kind *ret_kind, struct error *err)
{
    uint64_t end;

    for (;;) {
        if (e->at >= e->size)
            return 0;
        while (e->next < e->n && e->parts[e->next].end <= e->at)
            e->next++;
        if (e->next == e->n) {
            if (ask(e, err) < 0)
                return -1;
            continue;
        }
        bool wanted = e->parts[e->next].wanted;
        end = wanted ? round_up(e, e->parts[e->next].end) : end_of_rest(e);
        if (end <= e->at) {
            /* Unwanted, but it shares its block: the next part decides, and if
             * that is unknown, the block is read. */
            if (e->next + 1 < e->n) {
                e->next++;
                continue;
            }
            wanted = true;
            end = round_up(e, e->at + 1);
        }
        if (wanted && end - e->at > PIECE_SIZE)
            end = e->at + PIECE_SIZE;
        *ret_offset = e->at;
        *ret_size = end - e->at;
        *ret_kind = wanted                  ? EXTENT_READ
                    : e->visit == VISIT_ALL ? EXTENT_ZERO
                                            : EXTENT_SKIP;
        e->at = end;
        return 1;
    }
}

void
extents_free(struct extents *e)
{
    if (!e)
        return;
    nbd_close(e->nbd);
    free(e);
}
