/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The image that a disk is copied to.  It knows which of its blocks are zero,
 * so zeroes stay holes.  On request it also keeps the digests of the others, so
 * existing content is not written again. */
#pragma once
#include <stdatomic.h>

#include "v2v/copy/digests.h"
#include "v2v/copy/qcow2.h"
#include "v2v/copy/server.h"

enum { PIECE_SIZE = 1 << 20, PIECE_BLOCKS = PIECE_SIZE / BLOCK_SIZE };

struct image {
    char *path;
    int fd; /* of the file at PATH */
    bool raw, hashed;
    uint64_t size;
    struct qcow2 fresh;   /* a new qcow2 until it is finished */
    struct server server; /* writes other images */
    struct digests digests;
    _Atomic uint64_t taken;   /* bytes that were put, not counting known
                               * zeroes */
    _Atomic uint64_t written; /* bytes of blocks that have changed */
};

struct image_options {
    const char *path;
    const char *format; /* raw or qcow2 */
    const char *folder; /* for sockets */
    uint64_t size;
    int digests; /* a file for them; -1: do not keep them */
    bool hash;   /* compute them anyway, for digests_root */
};

/* Make it, or open the image of an earlier run with its digests. */
int image_open(
    struct image *ret, const struct image_options *options, struct error *err);

/* Continue one that is finished; sockets are made in FOLDER. */
int image_resume(struct image *image, const char *folder, struct error *err);

/* One thread's way to write. */
struct image_writer {
    struct image *image;
    struct nbd_handle *nbd; /* NULL: raw */
};

int image_writer_open(
    struct image_writer *ret, struct image *image, struct error *err);

/* Write bytes at OFFSET, the start of a block; SIZE is at most PIECE_SIZE, and
 * whole blocks except for the last one. */
int image_put(struct image_writer *w, const uint8_t *data, size_t size,
    uint64_t offset, struct error *err);

/* Write zeroes, any number of whole blocks as above. */
int image_put_zeroes(
    struct image_writer *w, uint64_t size, uint64_t offset, struct error *err);

void image_writer_close(struct image_writer *w);
#define cleanup_image_writer __attribute__((cleanup(image_writer_close)))

/* Everything is written: flush it to the file, and if SYNC, to the disk. */
int image_finish(struct image *image, bool sync, struct error *err);

/* Close it; the file stays. */
void image_close(struct image *image);
#define cleanup_image __attribute__((cleanup(image_close)))
