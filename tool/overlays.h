/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Changing images so that a failure leaves them as they were: the disks are
 * opened through overlays, which are written into the images at the end. */
#pragma once
#include <mayfly.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "tool/options.h"

struct overlay {
    char *image;    /* real path of the image, its backing file */
    char *path;     /* by which QEMU opens it */
    char *changes;  /* its name while it is written into the image */
    bool has_name;  /* PATH is its own name, for lack of nameless files */
    bool committed; /* being written, or kept after a failure */
    int fd;
    int image_fd;    /* holds the lock; -1 */
    struct stat was; /* the image when the overlay was made */
};

struct overlays {
    struct overlay *items;
    size_t n;
    uint64_t size;      /* of the disk, which the image gets; 0: its own */
    const char *folder; /* where they lie; NULL: each beside its image */
    bool only_read;     /* the images are not to be written */
};

/* The files that an overlay depends on, for --allow; to be freed. */
char **overlay_allowed(const struct overlay *o, const struct tool *t);

/* Make an overlay on each disk of T and add them to G in their order; returns
 * the exit code. */
int overlays_add(struct overlays *o, const struct tool *t, struct mayfly *g);

/* Write them into the images; G has shut down.  If that fails the overlay stays
 * and the error says how to repeat it. */
int overlays_commit(struct overlays *o, const struct tool *t, struct mayfly *g);

/* Forget what was not committed. */
void overlays_clear(struct overlays *o);
#define cleanup_overlays __attribute__((cleanup(overlays_clear)))
