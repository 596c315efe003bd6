/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a guest mounts where. */
#pragma once
#include <mayfly-types.h>

struct call;
struct list;
struct volumes;

/* Fill in the mount points and file systems of S from its fstab(5) below
 * ROOT; s->root is the file system that it lies on, and always "/".  Notes
 * about what cannot be found are added to NOTES (struct
 * mayfly_inspection_note). */
void fstab_read(struct call *c, int root, const struct volumes *v,
    struct mayfly_inspection_root *s, struct list *notes);
