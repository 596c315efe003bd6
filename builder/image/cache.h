/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Templates, unpacked and ready to be copied. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "builder/catalog/index.h"

/* A raw image, sparse, open for reading. */
struct base {
    int fd;
    uint64_t size;
    bool cached; /* it was in the cache already */
};

/* The default folder, $XDG_CACHE_HOME/mayfly/templates; the caller frees it. */
char *cache_default_folder(struct error *err);

/* Is the template in the cache? */
bool cache_has(const char *folder, const struct template *t);

/* Open a template.  If the cache does not have it, it is first downloaded,
 * checked and unpacked.  FOLDER NULL: without a cache.  The caller closes
 * ret->fd. */
int cache_open(const char *folder, const struct template *t, bool check,
    struct base *ret, struct error *err);

/* Remove the whole cache. */
int cache_delete(const char *folder, struct error *err);
