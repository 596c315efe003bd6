/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
struct call;

/* Grow what is on DEVICE to its size; *ret_type is what it is. */
int storage_grow(struct call *c, const char *device, const char **ret_type);
