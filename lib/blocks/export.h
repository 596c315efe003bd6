/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Disks of a handle that are exported over NBD. */
#pragma once
#include "lib/handle/handle.h"

/* End all exports, in any state. */
void exports_end(struct mayfly *g);

/* Is the disk exported? */
bool export_has(const struct mayfly *g, const struct disk *d);
