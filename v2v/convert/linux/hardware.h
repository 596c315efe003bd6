/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside linux/: settings that do not fit the new machine's hardware. */
#pragma once
#include "v2v/convert/conversion.h"

/* Report the words of TEXT, kernel command lines or settings of the initramfs
 * in the file PATH, that keep a driver away or name a card. */
int hardware_check_words(struct conversion *c, const char *path,
    const char *text, struct error *err);
