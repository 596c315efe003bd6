/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers and truth values in words.  Pure. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

/* A number in decimal, octal (0...) or hexadecimal (0x...), followed by k K M G
 * T P E Z Y for powers of 1024, KiB ... for the same, KB ... for powers of
 * 1000.  A unit alone means one of that unit. */
int number_parse(const char *word, int64_t low, int64_t high, int64_t *ret,
    struct error *err);

/* The same without a sign. */
int number_parse_unsigned(
    const char *word, uint64_t high, uint64_t *ret, struct error *err);

/* 1 true t yes y on, 0 false f no n off, in any case. */
int bool_parse(const char *word, bool *ret, struct error *err);
