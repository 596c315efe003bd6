/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The image that is copied to: a file gets its name only when it is complete;
 * a block device is written as it goes. */
#pragma once
#include <mayfly.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "base/file.h"
#include "resize/resize.h"

struct target {
    const char *path; /* as the user names it */
    char *format;
    uint64_t size;
    bool device;   /* a block device */
    bool replaces; /* a file is there, OLD */
    struct stat old;
    struct output out;
    int empty; /* a file of this size without data; -1 */
};

/* What is to be made, from the options and what is there.  IN_SIZE: of the disk
 * that is copied. */
int target_plan(struct target *ret, const struct resize *r, struct mayfly *g,
    const char *in_format, uint64_t in_size, struct error *err);

/* A copy of the image FILE, which may be smaller. */
int target_copy(struct target *t, struct mayfly *g, const char *file,
    const char *format, const struct tool *tool, struct error *err);

/* An empty disk. */
int target_create(struct target *t, struct mayfly *g, struct error *err);

/* Give it to an appliance. */
int target_add(const struct target *t, const struct resize *r, struct mayfly *g,
    struct error *err);

int target_commit(struct target *t, struct error *err);
void target_clear(struct target *t);
#define cleanup_target __attribute__((cleanup(target_clear)))
