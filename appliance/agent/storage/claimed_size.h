/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a device says of its own size. */
#pragma once
#include <stdint.h>

/* How many bytes the file system of TYPE on DEVICE takes it to have; 0 if that
 * is not known. */
uint64_t filesystem_claimed_size(const char *device, const char *type);
