/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every file system of the guest, mounted read-only at a place of its own,
 * for as long as the inspection lasts. */
#pragma once
#include <mayfly-types.h>

#include "appliance/agent/inspect/detect.h"
#include "appliance/agent/inspect/stack.h"

/* A file system, or a subvolume of one. */
struct scene_item {
    const struct volume *volume;
    char *mountable;
    int root;         /* its root directory; -1: not mounted */
    const char *role; /* "" if it could not be mounted */
    const struct detector *detector;
};

struct scene {
    struct volumes volumes;
    struct list items; /* struct scene_item */
    struct list *notes;
};

/* Mount everything and find the roles.  All of it is gone when the call
 * ends. */
int scene_open(struct call *c, struct scene *s, struct list *notes);

/* The root directory of a system, with its other file systems in it; until
 * scene_leave.  -1: the call failed. */
int scene_enter(struct call *c, struct scene *s, const struct scene_item *item,
    const struct mayfly_inspection_root *system);
void scene_leave(void);
