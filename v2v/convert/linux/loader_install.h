/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside linux/: a boot loader for a disk that has none. */
#pragma once
#include "v2v/convert/conversion.h"

/* Does the first disk boot by the BIOS?  If not, it gets our loader, and the
 * guest the settings for it. */
int loader_install(struct conversion *c, struct error *err);
