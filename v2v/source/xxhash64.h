/* SPDX-License-Identifier: GPL-2.0-or-later */
/* XXH64 with the seed 0, after its specification: XenServer's sum of a piece
 * of a disk. */
#pragma once
#include <stddef.h>
#include <stdint.h>

uint64_t xxhash64(const void *data, size_t size);
