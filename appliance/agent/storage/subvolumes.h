/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Of a btrfs that is mounted on the folder TARGET. */
#pragma once
#include <stdint.h>

struct call;
struct list;

struct subvolume {
    uint64_t id, parent;
    char *path; /* from the top of the file system */
};
int btrfs_subvolumes(struct call *c, const char *target, struct list *ret);
int btrfs_default_subvolume(struct call *c, const char *target, uint64_t *ret);
