/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The cache folder, and files in it that are trusted. */
#pragma once
#include <stdbool.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "base/error.h"

struct mayfly;

/* Names of what is not complete yet start with this. */
#define CACHE_NEW ".new-"

/* Our part of the cache folder. */
#define CACHE_FOLDER "appliance"

/* Open (or make) it for the handle.  The error says why there is no usable
 * cache. */
int engine_cache_open(struct mayfly *g, int *ret_fd, struct error *err);

/* Open a folder in DIRFD that must be ours alone. */
int engine_cache_open_folder(int dirfd, const char *name, struct error *err);

/* Open a regular file that must be ours, have none of the FORBIDDEN bits in its
 * mode, and have no other name. */
int engine_cache_open_file(int dirfd, const char *name, mode_t forbidden,
    struct stat *ret, struct error *err);

/* Its content (at most MAX bytes, NUL-terminated), if no one else has access to
 * it. */
char *engine_cache_read(int dirfd, const char *name, size_t max,
    size_t *ret_size, struct error *err);

/* Make the file NAME with this content, replacing an old one. */
int engine_cache_write(int dirfd, const char *name, const void *data,
    size_t size, struct error *err);
