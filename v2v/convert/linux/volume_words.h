/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside linux/: words of a command line that name volumes. */
#pragma once
#include "v2v/convert/conversion.h"

/* Report KEY=VALUE of a command line if it waits for a volume that is not
 * there. */
int volume_word_check(struct conversion *c, const char *path, unsigned line,
    const char *key, const char *value, struct error *err);
