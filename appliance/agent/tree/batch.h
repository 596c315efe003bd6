/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The contents of many small files, asked for at once: the kernel makes one
 * request to the disk of what lies side by side there, and each request costs
 * an emulated processor as much as a hundred lines of its program. */
#pragma once
#include <stddef.h>
#include <sys/types.h>

struct call;

enum {
    BATCH_FILES = 128,
    BATCH_BYTES = 4 << 20,     /* all contents together */
    BATCH_LARGEST = 256 << 10, /* what is larger goes its own way */
};

struct batch;

/* Allocated in the call's memory and freed with it. */
struct batch *batch_new(struct call *c);

/* Take FD in, opened with O_DIRECT where the file system has it, to read its
 * SIZE bytes, which are at most BATCH_LARGEST; FD is closed by batch_clear.
 * Files whose INODE is near are mostly near on the disk as well, and are asked
 * for in that order: half as many requests as in the order of the names.
 * Returns its number; -1: the batch is full. */
int batch_add(struct batch *b, int fd, size_t size, ino_t inode);

/* Ask for all, and wait until all is there.  What could not be read has an
 * error, which batch_content returns. */
void batch_start(struct batch *b);
void batch_finish(struct batch *b);

/* The SIZE bytes of file I; after them lies, at the next multiple of
 * BULK_ALIGN, the content of file I + 1.  NULL with errno: EIO if it has become
 * shorter. */
const void *batch_content(struct batch *b, int i, size_t size);

/* Also of one that was started. */
void batch_clear(struct batch *b);
