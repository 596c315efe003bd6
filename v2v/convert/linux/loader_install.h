/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside linux/: a boot loader for a disk without one. */
#pragma once
#include "v2v/convert/conversion.h"

/* If the first disk does not boot by BIOS, install our loader on it, and its
 * settings in the guest. */
int loader_install(struct conversion *c, struct error *err);
