/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
#include "builder/catalog/index.h"
#include "builder/catalog/sources.h"

/* Fetch, check and parse the index of a source.  Its templates point to
 * SOURCE. */
int source_read_index(const struct template_source *source, bool check,
    struct index *ret, struct error *err);
