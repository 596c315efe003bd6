/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Theory of operation: we write raw images and new qcow2 ourselves; an existing
 * qcow2 is written through a QEMU that serves it.  A block's digest is unknown
 * while the block is written and correct afterwards, so a killed process leaves
 * no wrong digest.
 *
 * Several threads write, each to blocks of its own. */
#include <config.h>

#include "v2v/copy/image.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/strv.h"
#include "base/zeroes.h"

enum { PAGE = 4096 };

/* What happens to a block. */
enum fate {
    FATE_KEEP,  /* it already has this content */
    FATE_ZERO,  /* it becomes zero */
    FATE_FILL,  /* it was zero: zeroes in it need not be written */
    FATE_WRITE, /* it had other data */
};

static int
write_bytes(struct image_writer *w, const uint8_t *data, size_t size,
    uint64_t offset, struct error *err)
{
    struct image *image = w->image;

    if (w->nbd)
        return nbd_pwrite(w->nbd, data, size, offset, 0) < 0
                   ? server_fail(err, "cannot write the copy")
                   : 0;
    if ((image->fresh.places
                ? qcow2_write(&image->fresh, image->fd, data, size, offset)
                : pwrite_all(image->fd, data, size, (off_t)offset)) < 0)
        return error_errno(err, errno, "cannot write %s", image->path);
    if (!image->raw)
        return 0;
    /* Start writing to the disk now, so that little remains at the end. */
    sync_file_range(
        image->fd, (off_t)offset, (off_t)size, SYNC_FILE_RANGE_WRITE);
    return 0;
}

static int
write_zeroes(
    struct image_writer *w, uint64_t size, uint64_t offset, struct error *err)
{
    struct image *image = w->image;
    cleanup_free uint8_t *zeroes = NULL;

    if (w->nbd)
        return nbd_zero(w->nbd, size, offset, 0) < 0
                   ? server_fail(err, "cannot write the copy")
                   : 0;
    if (image->raw &&
        fallocate(image->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
            (off_t)offset, (off_t)size) == 0)
        return 0;
    if (image->raw && errno != EOPNOTSUPP)
        return error_errno(err, errno, "cannot write %s", image->path);
    if (!(zeroes = calloc(1, size)))
        return error_no_memory(err);
    return write_bytes(w, zeroes, size, offset, err);
}

/* --- one piece --- */

struct piece {
    const uint8_t *data;
    uint64_t offset;
    size_t size, first, n; /* blocks */
    enum fate fates[PIECE_BLOCKS];
    uint8_t digests[PIECE_BLOCKS][HASH_SHA256_SIZE];
};

static size_t
block_size(const struct piece *p, size_t i)
{
    size_t rest = p->size - i * BLOCK_SIZE;

    return rest < BLOCK_SIZE ? rest : BLOCK_SIZE;
}

static void
decide(struct piece *p, const struct image *image)
{
    const struct digests *d = &image->digests;

    for (size_t i = 0; i < p->n; i++) {
        const uint8_t *data = p->data + i * BLOCK_SIZE;
        const uint8_t *old = d->of[p->first + i];
        bool was_zero = digests_is_zero(d, p->first + i);

        if (is_zeroes(data, block_size(p, i))) {
            p->fates[i] = was_zero ? FATE_KEEP : FATE_ZERO;
            continue;
        }
        if (image->hashed)
            hash_sha256(data, block_size(p, i), p->digests[i]);
        else
            memset(p->digests[i], UNKNOWN, HASH_SHA256_SIZE);
        p->fates[i] = was_zero         ? FATE_FILL
                      : !image->hashed ? FATE_WRITE
                      : memcmp(old, p->digests[i], HASH_SHA256_SIZE) == 0
                          ? FATE_KEEP
                          : FATE_WRITE;
    }
}

/* Must the bytes at AT be written?  QEMU allocates blocks, a file pages. */
static bool
is_wanted(
    const struct piece *p, const struct image_writer *w, size_t at, size_t size)
{
    enum fate fate = p->fates[at / BLOCK_SIZE];

    if (fate == FATE_FILL)
        return !w->image->raw || !is_zeroes(p->data + at, size);
    return fate == FATE_WRITE;
}

static int
write_runs(struct piece *p, struct image_writer *w, struct error *err)
{
    size_t step = w->image->raw ? PAGE : BLOCK_SIZE;
    size_t run = 0;

    for (size_t at = 0; at < p->size + step; at += step) {
        size_t rest = at < p->size ? p->size - at : 0;

        if (rest && is_wanted(p, w, at, rest < step ? rest : step)) {
            run += rest < step ? rest : step;
            continue;
        }
        size_t end = at < p->size ? at : p->size;
        if (run && write_bytes(w, p->data + end - run, run,
                       p->offset + end - run, err) < 0)
            return -1;
        run = 0;
    }
    return 0;
}

static int
zero_blocks(struct piece *p, struct image_writer *w, struct error *err)
{
    for (size_t i = 0; i < p->n; i++)
        if (p->fates[i] == FATE_ZERO &&
            write_zeroes(w, block_size(p, i), p->offset + i * BLOCK_SIZE, err) <
                0)
            return -1;
    return 0;
}

int
image_put(struct image_writer *w, const uint8_t *data, size_t size,
    uint64_t offset, struct error *err)
{
    struct digests *d = &w->image->digests;
    struct piece p = {
        .data = data,
        .offset = offset,
        .size = size,
        .first = offset / BLOCK_SIZE,
        .n = (size + BLOCK_SIZE - 1) / BLOCK_SIZE,
    };
    uint64_t changed = 0;

    decide(&p, w->image);
    for (size_t i = 0; i < p.n; i++)
        if (p.fates[i] != FATE_KEEP) {
            digests_set_unknown(d, p.first + i);
            changed += block_size(&p, i);
        }
    if (write_runs(&p, w, err) < 0 || zero_blocks(&p, w, err) < 0)
        return -1;
    for (size_t i = 0; i < p.n; i++) {
        if (p.fates[i] == FATE_ZERO)
            digests_set_zero(d, p.first + i);
        else if (p.fates[i] != FATE_KEEP)
            memcpy(d->of[p.first + i], p.digests[i], HASH_SHA256_SIZE);
    }
    w->image->taken += size;
    w->image->written += changed;
    return 0;
}

int
image_put_zeroes(
    struct image_writer *w, uint64_t size, uint64_t offset, struct error *err)
{
    struct digests *d = &w->image->digests;
    size_t first = offset / BLOCK_SIZE;
    size_t end = (offset + size + BLOCK_SIZE - 1) / BLOCK_SIZE;

    for (size_t i = first; i < end; i++) {
        uint64_t at = (uint64_t)i * BLOCK_SIZE;
        uint64_t n = d->size - at < BLOCK_SIZE ? d->size - at : BLOCK_SIZE;

        if (digests_is_zero(d, i))
            continue;
        digests_set_unknown(d, i);
        if (write_zeroes(w, n, at, err) < 0)
            return -1;
        digests_set_zero(d, i);
        w->image->written += n;
    }
    return 0;
}

/* --- its life --- */

static int
open_file(struct image *image, const struct image_options *o, struct error *err)
{
    bool there = access(o->path, F_OK) == 0;

    image->fd = open(o->path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (image->fd < 0 ||
        (image->raw && ftruncate(image->fd, (off_t)o->size) < 0))
        return error_errno(err, errno, "cannot make %s", o->path);
    if (!image->raw && !there)
        return qcow2_open(&image->fresh, o->size, err);
    return image_resume(image, o->folder, err);
}

int
image_resume(struct image *image, const char *folder, struct error *err)
{
    const struct server_image served = {
        .path = image->path, .format = "qcow2", .writable = true};

    return image->raw ? 0 : server_start(&image->server, &served, folder, err);
}

int
image_open(struct image *ret, const struct image_options *o, struct error *err)
{
    cleanup_image struct image image = {.fd = -1,
        .raw = str_equal(o->format, "raw"),
        .size = o->size,
        .hashed = o->hash || o->digests >= 0};

    if (!(image.path = strdup(o->path)))
        return error_no_memory(err);
    if (digests_open(&image.digests, o->size, o->digests, err) < 0 ||
        open_file(&image, o, err) < 0)
        return -1;
    *ret = image;
    image = (struct image){.fd = -1};
    return 0;
}

int
image_writer_open(
    struct image_writer *ret, struct image *image, struct error *err)
{
    struct image_writer w = {.image = image};

    if (image->server.g && !(w.nbd = server_connect(&image->server, NULL, err)))
        return -1;
    *ret = w;
    return 0;
}

void
image_writer_close(struct image_writer *w)
{
    nbd_close(w->nbd);
    w->nbd = NULL;
}

/* Let QEMU write what it has in memory, and end. */
static int
end_server(struct image *image, struct error *err)
{
    cleanup_image_writer struct image_writer w = {0};

    if (image_writer_open(&w, image, err) < 0)
        return -1;
    if (nbd_flush(w.nbd, 0) < 0)
        return server_fail(err, "cannot write the copy");
    image_writer_close(&w);
    return server_end(&image->server, err);
}

int
image_finish(struct image *image, bool sync, struct error *err)
{
    if (image->fresh.places && qcow2_finish(&image->fresh, image->fd, err) < 0)
        return error_context(err, "%s", image->path);
    qcow2_close(&image->fresh);
    if (image->server.g && end_server(image, err) < 0)
        return error_context(err, "%s", image->path);
    if (sync && fsync(image->fd) < 0)
        return error_errno(err, errno, "cannot write %s", image->path);
    return 0;
}

void
image_close(struct image *image)
{
    server_stop(&image->server);
    qcow2_close(&image->fresh);
    digests_close(&image->digests);
    if (image->fd >= 0)
        close(image->fd);
    free(steal_pointer(&image->path));
    *image = (struct image){.fd = -1};
}
