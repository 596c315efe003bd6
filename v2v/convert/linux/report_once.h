/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside linux/: what is to be looked at, by file and line. */
#pragma once
#include "v2v/convert/conversion.h"

/* Report TEXT, once for each file: entries of a menu repeat their words. */
int report_once(struct conversion *c, const char *path, unsigned line,
    const char *text, struct error *err);
