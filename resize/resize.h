/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What mayfly-resize is asked to do. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

#include "tool/options.h"

enum unknown_policy { UNKNOWN_WARN, UNKNOWN_IGNORE, UNKNOWN_ERROR };
enum align_first { ALIGN_AUTO, ALIGN_NEVER, ALIGN_ALWAYS };

struct resize {
    const char *in, *out; /* OUT: NULL if it is done in place */
    const char *format, *output_format;
    const char *size; /* of the new disk */
    int blocksize;
    char **sizes, **forced_sizes; /* PART=SIZE */
    char **ignored, **deleted, **volumes;
    const char *expand, *shrink;
    int alignment;
    enum align_first align_first;
    enum unknown_policy unknown;
    bool no_boot_loader, no_extra, no_content, no_sparse, ntfs_force;
    bool dry_run, no_overlay, quiet, debug, machine_readable;
    double start;
};

/* Both return the exit code. */
int resize_in_place(const struct resize *r, struct tool *t);
int resize_copy(const struct resize *r, struct tool *t);
