/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Blocks of zeroes, which are worth finding. */
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum { ZEROES_BLOCK = 64 << 10 };

/* SIZE is not 0. */
static inline bool
is_zeroes(const uint8_t *p, size_t size)
{
    return p[0] == 0 && memcmp(p, p + 1, size - 1) == 0;
}
