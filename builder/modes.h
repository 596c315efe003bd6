/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What mayfly-builder can be asked for, and doing it. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "builder/list.h"
#include "customize/customize.h"
#include "tool/attach.h"
#include "tool/options.h"

enum builder_mode {
    BUILD,
    LIST,
    NOTES,
    PRINT_CACHE,
    DELETE_CACHE,
    FILL_CACHE,
    MACHINE_READABLE,
};

struct builder {
    enum builder_mode mode;
    enum list_format list_format;
    char **sources, **fingerprints;
    struct attached attach; /* for commands */
    const char *format, *output, *arch, *cache;
    uint64_t size;
    int memsize, smp;
    bool check, use_cache, network, flush, keep, quiet, dry_run;
    double start; /* when the program began, for the messages */
    struct customize customize;
};

/* Do what B->mode is.  Prints its errors; returns an exit code. */
int builder_run(const struct builder *b, const struct tool *tool);
