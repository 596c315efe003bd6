/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Growing in place: a partition, and what is on a device: a file system, a
 * volume, or what an encrypted device has in it.  And shrinking the latter. */
#pragma once
#include <mayfly.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "tool/keys.h"

struct growth {
    struct mayfly *g;
    const struct tool_keys *keys; /* NULL: encrypted devices stay closed */
    bool not_ntfs_marked;         /* refuse NTFS that is marked for a check */
    unsigned n_opened;            /* encrypted devices so far */
};

/* What growth_content and growth_shrink answer beside 0 and -1: what is there
 * cannot; the text says why. */
enum { GROWTH_CANNOT = 1 };

/* To the next partition or the end of the disk. */
int growth_partition(
    struct mayfly *g, const char *partition, struct error *err);

/* What is on DEVICE to its size.  A volume group is not the content of its
 * physical volume: see growth_volume.  If it is encrypted and KEYS opens it,
 * what is in it. */
int growth_content(struct growth *w, const char *device, struct error *err);

/* A logical volume by all free space of its group; not what is on it. */
int growth_volume(struct growth *w, const char *lv, struct error *err);

/* What is on DEVICE, so that it ends before SIZE. */
int growth_shrink(
    struct growth *w, const char *device, uint64_t size, struct error *err);

/* Open an encrypted device by KEYS, for volumes that are in it. */
int growth_open(struct growth *w, const char *device, struct error *err);

/* Encrypted devices that were opened on the way are closed again, as far as
 * nothing uses them. */
void growth_close(struct growth *w);
