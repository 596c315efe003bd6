/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The manifest of an OVA: sums of its files, lines such as
 *     SHA256(disk.vmdk)= 0123... */
#pragma once
#include "base/error.h"
#include "base/hash.h"

/* The sum of the file NAME in TEXT, as "sha256:HEX"; NULL without an error if
 * it is not listed.  An invalid line is an error: a sum that is not checked is
 * worthless. */
char *manifest_sum(const char *text, const char *name, struct error *err);

/* The hash to compute for a sum; NULL on failure. */
struct hash *manifest_hash(const char *sum);

/* Check that the data fed to HASH has that sum. */
int manifest_check(
    struct hash *hash, const char *sum, const char *name, struct error *err);
