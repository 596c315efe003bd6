/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Extended attributes of an open file.  PATH is for the kernel, fd_path of
 * an O_PATH descriptor; SHOWN for errors. */
#pragma once
#include <mayfly-types.h>

#include <stdint.h>

struct call;
struct list;

/* All of them, as struct mayfly_xattr, after those that the list holds. */
int xattrs_list(
    struct call *c, const char *path, const char *shown, struct list *ret);

/* One of them. */
int xattrs_get(struct call *c, const char *path, const char *shown,
    const char *name, uint8_t **ret, uint32_t *ret_size);
