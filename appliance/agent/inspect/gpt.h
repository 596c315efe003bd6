/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a guest mounts by the types of its partitions. */
#pragma once
#include <stdbool.h>

struct call;
struct list;
struct volumes;

/* Where the file system on a partition belongs. */
struct gpt_mount {
    const char *path; /* "none": it is swap */
    const char *device;
};

/* By the Discoverable Partitions Specification, for the system below ROOT on
 * ROOT_DEVICE: what lies on the same disk, into RET.  NOTES are about what is
 * left out. */
void gpt_mounts(struct call *c, int root, const struct volumes *v,
    const char *root_device, struct list *ret, struct list *notes);
