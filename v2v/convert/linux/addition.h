/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An archive that is appended to an initramfs: the kernel unpacks one after the
 * other, and a file of a later archive replaces that of an earlier one. */
#pragma once
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct addition;

/* NULL with an error. */
struct addition *addition_open(struct error *err);

/* Add a file and all its parent folders. */
int addition_add(struct addition *x, const char *path, const void *data,
    size_t size, struct error *err);

/* No more files: returns what to append to an initramfs of BEFORE bytes.  X
 * owns it. */
int addition_finish(struct addition *x, uint64_t before, const char **ret_data,
    size_t *ret_size, struct error *err);

/* NULL is fine. */
void addition_close(struct addition *x);
