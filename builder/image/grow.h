/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Grow in place: the partition, the volumes in it, and the file system. */
#pragma once
#include <mayfly.h>

#include "base/error.h"
#include "builder/catalog/index.h"
#include "customize/customize.h"

/* Give the space that the first disk has beyond the template to the partition
 * (and logical volume) that the template names, or to the last partition if it
 * names none.  The file systems may be mounted.  SAYER as for customize_run. */
int grow(struct mayfly *g, const struct template *t, const struct sayer *sayer,
    struct error *err);

/* The partition that ends last on the first disk, or the disk itself if it has
 * none; the caller frees it. */
char *grow_last_partition(struct mayfly *g, struct error *err);
