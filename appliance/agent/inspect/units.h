/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What systemd mounts besides fstab(5). */
#pragma once

#include <mntent.h>

struct call;
struct list;

struct unit_mount {
    const char *file; /* home.mount */
    struct mntent entry;
};

/* Add a struct unit_mount for each of the guest's own units of the type mount
 * or swap, by name. */
void units_read(struct call *c, int root, struct list *mounts);
