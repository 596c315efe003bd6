/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The indexes of all sources, and the choice of a template from them. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "builder/index.h"
#include "builder/sources.h"

struct catalog {
    struct sources sources;
    struct index *indexes; /* one for each source that was read */
    size_t n_indexes;
    const struct template **templates; /* of all indexes */
    size_t n_templates;
    bool check; /* signatures */
};

/* Read the indexes of the sources that are given on the command line.  One
 * that cannot be read is an error: another one must not take its place. */
int catalog_read_given(struct catalog *c, struct error *err);

/* Those of the configured sources; one that cannot be read is left out with
 * a warning. */
int catalog_read_configured(struct catalog *c, struct error *err);

/* The template named so, by id or alias, for ARCH: that of the highest
 * revision.  NULL if there is none; no error is set. */
const struct template *catalog_find(
    const struct catalog *c, const char *name, const char *arch);

void catalog_free(struct catalog *c);

#define cleanup_catalog __attribute__((cleanup(catalog_free)))
