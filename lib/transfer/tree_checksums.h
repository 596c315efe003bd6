/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Checksums of the files of a tree. */
#pragma once
#include "base/error.h"
#include "base/hash.h"

/* Read the stream INPUT (wire/contents.h) to its end and write a line for each
 * file to OUTPUT, in the format of md5sum(1); both stay open. */
int sums_of_contents(
    enum hash_kind kind, int input, int output, struct error *err);
