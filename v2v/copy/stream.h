/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An image that is written from start to end, by a reader that cannot seek;
 * what was not written is zero. */
#pragma once
#include "v2v/copy/image.h"

struct image_stream {
    struct image_writer w;
    uint8_t *piece;
    uint64_t start; /* of the piece that is being filled */
};

int image_stream_open(
    struct image_stream *ret, struct image *image, struct error *err);

/* Write DATA at OFFSET, not before the end of earlier data. */
int image_stream_write(struct image_stream *s, const uint8_t *data, size_t size,
    uint64_t offset, struct error *err);

/* No more data. */
int image_stream_finish(struct image_stream *s, struct error *err);

void image_stream_close(struct image_stream *s);
#define cleanup_stream __attribute__((cleanup(image_stream_close)))
