/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The files of a tree on their way out: gathered until a batch is full, and
 * written in the order in which they were found. */
#pragma once
#include "appliance/agent/agent.h"
#include "appliance/agent/batch.h"

enum {
    ROUND_FILES = 256,  /* files gathered for one batch */
    ROUNDS_ALONE = 128, /* files from which on a worker is worth it */
};

struct worker;

struct round_file {
    int fd;       /* its content, by rounds_open; -1: none, or in the batch */
    int number;   /* in the batch; -1: not there.  Set by rounds_add */
    int64_t size; /* bytes, if there is content */
    ino_t inode;
    void *what; /* the caller's, not NULL */
};

struct rounds {
    struct call *c;
    /* Writes the files of a round, whose batch is there.  Called in the
     * worker's thread if there is one, so without memory of the call; -1:
     * call failed. */
    int (*write)(void *opaque, struct batch *batch,
        const struct round_file *files, size_t n);
    void (*release)(void *what);
    void *opaque;
    int top; /* the directory that is walked, or -1 */
    /* By way of the page cache; set, too, if the file system has no
     * O_DIRECT. */
    bool no_direct;
    /* Used by rounds.c itself. */
    size_t n_files;
    struct worker *worker; /* NULL: few files up to now */
    /* One is filled while the contents of the other are on their way. */
    struct round {
        struct batch *batch;
        struct round_file files[ROUND_FILES];
        size_t n;
    } rounds[2];
    int round; /* that is filled */
};

/* R has the caller's fields; it is in the memory of the call. */
void rounds_prepare(struct rounds *r);

/* The file NAME in the directory DIR, of SIZE bytes.  -1 with errno. */
int rounds_open(struct rounds *r, int dir, const char *name, int64_t size);

/* Takes FD and WHAT of F, also when it fails. */
int rounds_add(struct rounds *r, const struct round_file *f);

/* All that was added is written; more may be added after that. */
int rounds_end(struct rounds *r);
