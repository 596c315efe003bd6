/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The indexes of all sources, and the choice of a template from them. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "builder/catalog/index.h"
#include "builder/catalog/sources.h"

struct catalog {
    struct sources sources;
    struct index *indexes; /* one for each source that was read */
    size_t n_indexes;
    const struct template **templates; /* of all indexes */
    size_t n_templates;
    bool check; /* signatures */
};

/* Read the indexes of the sources given on the command line.  An unreadable one
 * is an error: another source must not take its place. */
int catalog_read_given(struct catalog *c, struct error *err);

/* Read those of the configured sources; an unreadable one is left out with a
 * warning. */
int catalog_read_configured(struct catalog *c, struct error *err);

/* The template with this id or alias for ARCH, in its highest revision.  NULL
 * if not found; no error is set. */
const struct template *catalog_find(
    const struct catalog *c, const char *name, const char *arch);

void catalog_free(struct catalog *c);

#define cleanup_catalog __attribute__((cleanup(catalog_free)))
