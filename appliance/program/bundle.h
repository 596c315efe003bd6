/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An appliance as one signed file: a tar archive of these members, in this
 * order:
 *
 *     index.asc   a clear-signed text of JSON: the name, the size and the
 *                 SHA-512 of each of the others, and the API they are for
 *     ...         those of appliance_parts (base/appliance.h)
 *
 * No name, size or mode of the archive itself counts: a name is compared with
 * the one that has to come, a size with the signed one. */
#pragma once
#include <stddef.h>
#include <stdint.h>

#include "base/appliance.h"
#include "base/error.h"

#define BUNDLE_INDEX "index.asc"

enum { BUNDLE_MAX_INDEX = 64 << 10, BUNDLE_HASH_SIZE = 128 };

/* What is signed. */
struct bundle_index {
    char api[APPLIANCE_API_SIZE + 1];
    struct {
        uint64_t size;
        char hash[BUNDLE_HASH_SIZE + 1];
    } parts[APPLIANCE_PARTS];
};

/* The text, which the caller frees. */
char *bundle_index_write(const struct bundle_index *index, struct error *err);

/* Read and check it: whatever comes back is within the limits of its part. */
int bundle_index_read(
    const char *text, size_t size, struct bundle_index *ret, struct error *err);

/* The size of the whole file, of which the signed text takes SIZE bytes. */
uint64_t bundle_size(const struct bundle_index *index, uint64_t size);
