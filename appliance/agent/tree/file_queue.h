/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The files of a tree on their way out: gathered until a batch is full, and
 * written in the order in which they were found. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "appliance/agent/call/call.h"

struct batch;
struct call;

enum {
    QUEUE_FILES = 256, /* files gathered for one batch */
    QUEUE_ALONE = 128, /* files from which on a worker is worth it */
};

struct worker;

struct queued_file {
    int fd;     /* its content, by file_queue_open; -1: none, or in the batch */
    int number; /* in the batch; -1: not there.  Set by file_queue_add */
    int64_t size; /* bytes, if there is content */
    ino_t inode;
    void *what; /* the caller's, not NULL */
};

struct file_queue {
    struct call *c;
    /* Writes the files of a half, whose batch is there.  Called in the
     * worker's thread if there is one, so without memory of the call; -1:
     * call failed. */
    int (*write)(void *opaque, struct batch *batch,
        const struct queued_file *files, size_t n);
    void (*release)(void *what);
    void *opaque;
    int top; /* the directory that is walked, or -1 */
    /* By way of the page cache; also set if the file system has no
     * O_DIRECT. */
    bool no_direct;
    /* Used by the queue itself. */
    size_t n_files;
    struct worker *worker; /* NULL: few files up to now */
    /* One is filled while the contents of the other are on their way. */
    struct half {
        struct batch *batch;
        struct queued_file files[QUEUE_FILES];
        size_t n;
    } halves[2];
    int filling; /* the half that is being filled */
};

/* Q has the caller's fields; it is in the memory of the call. */
void file_queue_prepare(struct file_queue *q);

/* The file NAME in the directory DIR, of SIZE bytes.  -1 with errno. */
int file_queue_open(
    struct file_queue *q, int dir, const char *name, int64_t size);

/* Takes FD and WHAT of F, also when it fails. */
int file_queue_add(struct file_queue *q, const struct queued_file *f);

/* All that was added is written; more may be added after that. */
int file_queue_end(struct file_queue *q);
