/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Systems that are on the disks, but not as the root of a file system: they are
 * not opened, and a note says where they are. */
#pragma once
#include <stdbool.h>

#include "appliance/agent/inspect/mounted.h"

/* ROOTS are the systems that were found. */
void nested_notes(
    struct call *c, const struct mounted_guest *s, const struct list *roots);

/* Is it the root of a container, by the path of its subvolume?  Then it is no
 * system of its own, and a note says so. */
bool nested_container(
    struct call *c, struct list *notes, const char *mountable);

/* Is it a snapshot, by the path of its subvolume, as snapper and Timeshift
 * name them? */
bool nested_snapshot(const char *mountable);
