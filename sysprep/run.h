/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What mayfly-customize and mayfly-sysprep have in common: from disks to the
 * guests on them, mounted, and back. */
#pragma once
#include <stddef.h>

#include "customize/operations.h"
#include "tool/attach.h"
#include "tool/options.h"

struct run_options {
    struct customize customize;
    bool dry_run;    /* on copies that are thrown away */
    bool no_overlay; /* change the images as it goes */
    bool quiet;
    bool network; /* the appliance may have one, if a step needs it */
    int memsize, smp;
    struct attached attach; /* for commands */
    const char *mount_options;
    double start;
};

/* The place of the struct customize, for customize_options. */
#define RUN_CUSTOMIZE offsetof(struct run_options, customize)

/* Work on a guest whose file systems are mounted, and leave none mounted. */
typedef int (*guest_work)(void *opaque, struct job *job,
    struct mayfly_inspection_root *root, struct error *err);

/* Do it on each guest of the disks; returns the exit code. */
int run_on_guests(const struct run_options *o, const struct tool *t,
    guest_work work, void *opaque);

/* The options that both have, NETWORK: one is the default; OFFSET is the place
 * of the struct run_options, and N the space in the table, of which what is
 * used is returned. */
size_t run_add_options(
    struct tool_option *table, size_t n, size_t offset, bool network);
