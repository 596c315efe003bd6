/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The files of an OVA, in an archive or in a folder. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/hash.h"

enum { PACKAGE_TEXT_MAX = 4 << 20 };

/* The names in the package at PATH: those in the archive, or those in the
 * folder if PATH is a folder or the description in one.  Without folders and
 * files that macOS adds. */
char **package_names(const char *path, struct error *err);

/* The content of a small file, with a NUL after it; the caller frees it. */
char *package_read(
    const char *path, const char *name, size_t *ret_size, struct error *err);

/* The path of the file NAME if the package is a folder; else NULL without an
 * error. */
char *package_file(const char *path, const char *name, struct error *err);

/* Where the file NAME lies in the archive, if it is stored unchanged; a size of
 * 0 if the package is a folder or compressed. */
int package_place(const char *path, const char *name, uint64_t *ret_start,
    uint64_t *ret_size, struct error *err);

/* What the image of a disk with CAPACITY bytes may take in any format; 0, an
 * unknown one: derived from the size of the package. */
uint64_t package_limit(const char *path, uint64_t capacity);

/* Copy the file NAME to TO, unpacked if the file itself is GZIPPED; more than
 * MAX bytes are refused when they come.  HASH, if not NULL, gets the stored
 * bytes.  TO can be -1 to only hash them. */
int package_copy(const char *path, const char *name, bool gzipped, int to,
    uint64_t max, struct hash *hash, struct error *err);
