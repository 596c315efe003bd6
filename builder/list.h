/* SPDX-License-Identifier: GPL-2.0-or-later */
/* --list, --notes and --print-cache. */
#pragma once
#include "base/error.h"
#include "builder/catalog/index.h"
#include "builder/catalog/sources.h"

enum list_format { LIST_SHORT, LIST_LONG, LIST_JSON };

int list_format_parse(
    const char *text, enum list_format *ret, struct error *err);

/* Print all templates, or those named ONLY, to stdout.  Hidden ones are only in
 * the JSON. */
int list_print(enum list_format format, const struct sources *sources,
    const struct template *const *templates, size_t n, const char *only,
    struct error *err);

void list_cache(
    const char *folder, const struct template *const *templates, size_t n);
