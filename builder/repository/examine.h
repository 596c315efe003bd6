/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What inspection finds in an image. */
#pragma once
#include "base/error.h"
#include "tool/options.h"

struct examined {
    char *name, *arch, *osinfo; /* NULL: unknown */
    char *expand, *lvexpand;    /* the partition and volume that can grow */
};

/* Inspect the image in an appliance, read-only. */
int examine(const struct tool *tool, const char *image, struct examined *ret,
    struct error *err);

void examined_free(struct examined *e);

#define cleanup_examined __attribute__((cleanup(examined_free)))
