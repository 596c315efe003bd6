/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "v2v/copy/stream.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

int
image_stream_open(
    struct image_stream *ret, struct image *image, struct error *err)
{
    struct image_stream s = {.piece = calloc(1, PIECE_SIZE)};

    if (!s.piece)
        return error_no_memory(err);
    if (image_writer_open(&s.w, image, err) < 0) {
        free(s.piece);
        return -1;
    }
    *ret = s;
    return 0;
}

/* The piece is complete; the next one starts at OFFSET or after it. */
static int
move_on(struct image_stream *s, uint64_t offset, struct error *err)
{
    uint64_t size = s->w.image->size, end = s->start + PIECE_SIZE;
    uint64_t next = offset / PIECE_SIZE * PIECE_SIZE;

    if (end > size)
        end = size;
    if (end > s->start &&
        image_put(&s->w, s->piece, end - s->start, s->start, err) < 0)
        return -1;
    if (next > size)
        next = size;
    if (next > end && image_put_zeroes(&s->w, next - end, end, err) < 0)
        return -1;
    memset(s->piece, 0, PIECE_SIZE);
    s->start = next;
    return 0;
}

int
image_stream_write(struct image_stream *s, const uint8_t *data, size_t size,
    uint64_t offset, struct error *err)
{
    if (offset < s->start)
        return error_set(err, EINVAL, "the data of a disk is out of order");
    if (offset > s->w.image->size || size > s->w.image->size - offset)
        return error_set(err, EINVAL, "more data than the disk has");
    while (size) {
        if (offset - s->start >= PIECE_SIZE && move_on(s, offset, err) < 0)
            return -1;

        size_t at = offset - s->start;
        size_t n = size < PIECE_SIZE - at ? size : PIECE_SIZE - at;
        memcpy(s->piece + at, data, n);
        data += n;
        size -= n;
        offset += n;
    }
    return 0;
}

int
image_stream_finish(struct image_stream *s, struct error *err)
{
    return move_on(s, UINT64_MAX, err);
}

void
image_stream_close(struct image_stream *s)
{
    image_writer_close(&s->w);
    free(steal_pointer(&s->piece));
}
