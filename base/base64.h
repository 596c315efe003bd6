/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Base64.  No copy is made of what passes, which may be a key. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

/* Characters for N bytes. */
static inline size_t
base64_length(size_t n)
{
    return (n + 2) / 3 * 4;
}

/* Write base64_length(N) characters; returns the place after them.  There is
 * no zero byte at the end. */
char *base64_encode(const void *data, size_t n, char *to);

/* Write at most strlen(TEXT) / 4 * 3 bytes, which may be TEXT's own place.
 * False if it is not base64 with all of its padding. */
bool base64_decode(const char *text, void *to, size_t *ret_size);
