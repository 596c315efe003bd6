/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
#include <mayfly.h>

#include "base/error.h"
#include "resize/sparsify/sparsify.h"

/* Discard what is free on the disk of G: in file systems, in swap areas, in
 * volume groups.  FILL: where a file system cannot discard, fill its free space
 * with zeroes.  What is left as it is gets a warning with the reason. */
int trim_disk(
    const struct sparsify *s, struct mayfly *g, bool fill, struct error *err);
