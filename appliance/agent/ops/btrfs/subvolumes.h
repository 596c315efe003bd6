/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A place of a btrfs: a mounted path, or a device that is mounted for the
 * moment. */
#pragma once
struct call;

struct btrfs_place {
    const char *target;
    const char *private; /* to be released, or NULL */
};

/* *options* as for mount(8): "ro" or "rw". */
int btrfs_place_open(struct call *c, const char *fs, const char *options,
    struct btrfs_place *ret);
/* R is what the call returns if releasing works. */
int btrfs_place_close(struct call *c, const struct btrfs_place *p, int r);
