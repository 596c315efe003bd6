/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Compression on the host: an emulated processor would take ten times as long,
 * and there is only one of it. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/* True if libarchive does it by itself, without running a program. */
bool compression_known(const char *name);

/* The name of the compression of data that begin with the N bytes at HEAD, at
 * best COMPRESSION_HEAD of them; NULL if they are of none that is known. */
enum { COMPRESSION_HEAD = 512 };
const char *compression_recognise(const unsigned char *head, size_t n);

/* From INPUT, to its end, into OUTPUT; both stay open.  LEVEL -1: the default
 * of the compression. */
int compress_fd(
    int input, int output, const char *name, int level, struct error *err);
int decompress_fd(int input, int output, const char *name, struct error *err);
