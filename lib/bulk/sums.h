/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Checksums of the files in a tar stream. */
#pragma once
#include "base/error.h"
#include "base/hash.h"

/* Read the archive INPUT to its end and write for each regular file in it a
 * line as of md5sum(1) to OUTPUT; both stay open. */
int sums_of_tar(enum hash_kind kind, int input, int output, struct error *err);
