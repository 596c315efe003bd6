/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Blocks of zeroes, which need not be stored or sent. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { ZEROES_BLOCK = 64 << 10 };

static inline bool
is_zeroes(const void *data, size_t size)
{
    const uint8_t *p = data;

    return size == 0 || (p[0] == 0 && memcmp(p, p + 1, size - 1) == 0);
}
