/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One way through a tree of the guest's files: depth first, no link is ever
 * followed, what is mounted below is entered. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

struct call;
struct walk;

/* One file on the way.  PATH is relative to the start ("a/b"), NAME its last
 * part, to be used with the directory FD. */
struct walk_file {
    int dirfd;
    const char *name;
    const char *path;
    size_t length;      /* of path */
    unsigned char type; /* DT_DIR, ...; never DT_UNKNOWN */
    struct stat st;     /* only if the walk asks for it */
};

struct walk {
    struct call *c;
    const char *top; /* the path given by the caller, for errors */
    bool stat;       /* fill in st */
    /* Called for each file, before what is below it; 1: do not enter this
     * directory; -1: give up (call failed). */
    int (*visit)(struct walk *w, const struct walk_file *f);
    /* Called for each directory after all below it; may be NULL. */
    int (*leave)(struct walk *w, const struct walk_file *f);
    void *opaque;
    /* Used by the walk itself. */
    char path[4096];
    unsigned depth;
    uint64_t count; /* of files seen */
};

/* Walk what is below the directory FD, which is closed.  The start itself is
 * not visited. */
int walk_directory(struct walk *w, int fd);

/* Open the directory w->top and walk it. */
int walk_top(struct walk *w);
