/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Checksums of the files of a tree. */
#pragma once
#include "base/error.h"
#include "base/hash.h"

/* Read the stream INPUT (wire/contents.h) to its end and write a line as of
 * md5sum(1) for each file to OUTPUT; both stay open. */
int sums_of_contents(
    enum hash_kind kind, int input, int output, struct error *err);
