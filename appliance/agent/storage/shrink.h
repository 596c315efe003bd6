/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
#include <stdint.h>

struct call;

/* Shrink what is on DEVICE to SIZE bytes; *ret_type is what it is. */
int storage_shrink(
    struct call *c, const char *device, int64_t size, const char **ret_type);
