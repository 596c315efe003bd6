/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The image that a disk is copied to.  It knows which of its blocks are zero,
 * so zeroes stay holes; and if somebody wants them, the digests of the others,
 * so what is there already is not written again. */
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
    _Atomic uint64_t taken;   /* bytes that were put, zeroes told not counted */
    _Atomic uint64_t written; /* bytes of blocks that have changed */
};

struct image_options {
    const char *path;
    const char *format; /* raw or qcow2 */
    const char *folder; /* for sockets */
    uint64_t size;
    int digests; /* a file for them; -1: they are not kept */
    bool hash;   /* make them even so, for digests_root */
};

/* Make it, or open the one that a run before has left, with its digests. */
int image_open(
    struct image *ret, const struct image_options *options, struct error *err);

/* Go on with one that is finished; sockets are made in FOLDER. */
int image_resume(struct image *image, const char *folder, struct error *err);

/* One thread's way to write. */
struct image_writer {
    struct image *image;
    struct nbd_handle *nbd; /* NULL: raw */
};

int image_writer_open(
    struct image_writer *ret, struct image *image, struct error *err);

/* Bytes for OFFSET, which a block starts at; SIZE is PIECE_SIZE at most, and
 * whole blocks up to the last one. */
int image_put(struct image_writer *w, const uint8_t *data, size_t size,
    uint64_t offset, struct error *err);

/* There shall be zeroes, in whole blocks as above, of any number. */
int image_put_zeroes(
    struct image_writer *w, uint64_t size, uint64_t offset, struct error *err);

void image_writer_close(struct image_writer *w);
#define cleanup_image_writer __attribute__((cleanup(image_writer_close)))

/* All is written: have it in the file, and if SYNC, on the disk. */
int image_finish(struct image *image, bool sync, struct error *err);

/* Forget it; the file stays. */
void image_close(struct image *image);
#define cleanup_image __attribute__((cleanup(image_close)))
