/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every file system of the guest, mounted read-only at a place of its own,
 * for as long as the inspection lasts. */
#pragma once
#include <mayfly-types.h>

#include "appliance/agent/call/memory.h"
#include "appliance/agent/inspect/volume.h"

struct call;
struct detector;

/* A file system, or a subvolume of one. */
struct mounted_volume {
    const struct volume *volume;
    char *mountable;
    int root;         /* its root directory; -1: not mounted */
    const char *role; /* "" if it could not be mounted */
    const struct detector *detector;
};

struct mounted_guest {
    struct volumes volumes;
    struct list items; /* struct mounted_volume */
    struct list *notes;
};

/* Mount everything and find the roles.  All of it is gone when the call
 * ends. */
int mounted_open(struct call *c, struct mounted_guest *s, struct list *notes);

/* The root directory of a system, with its other file systems in it; until
 * mounted_leave.  -1: the call failed. */
int mounted_enter(struct call *c, struct mounted_guest *s,
    const struct mounted_volume *item,
    const struct mayfly_inspection_root *system);
void mounted_leave(void);
