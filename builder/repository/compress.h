/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From a raw image to a published .xz file. */
#pragma once
#include <stdint.h>

#include "base/error.h"

/* Compress file IN from its start into file OUT, in independent blocks of
 * 16 MiB, so that clients can unpack them in parallel.  LEVEL as of xz, 0 to
 * 9.  Returns the SHA-512 of what was written, in hexadecimal, to be freed;
 * *ret_size is its size. */
char *compress_xz(
    int in, int out, int level, uint64_t *ret_size, struct error *err);
