/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Systems that are on the disks, but not as the root of a file system: they are
 * not opened, and a note says where they are. */
#pragma once
#include "appliance/agent/inspect/mounted.h"

/* ROOTS are the systems that were found. */
void nested_notes(
    struct call *c, const struct mounted_guest *s, const struct list *roots);
