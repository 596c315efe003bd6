/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Compress a raw image to an .xz file for publishing. */
#pragma once
#include <stdint.h>

#include "base/error.h"

/* Compress file IN from its start into file OUT, in independent blocks of 16
 * MiB, so that clients can unpack them in parallel.  LEVEL is xz's, 0 to 9.
 * Returns the SHA-512 of the output in hexadecimal, which the caller frees;
 * *ret_size is the output's size. */
char *compress_xz(
    int in, int out, int level, uint64_t *ret_size, struct error *err);
