/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside linux/: the files that name devices. */
#pragma once
#include "v2v/convert/linux/device.h"

/* Is PATH a file of an initramfs that may name devices of the old machine? */
bool names_in_initramfs(struct conversion *c, const char *path);

/* The new text of such a file, REPORTED as its path. */
char *names_edit_inner(struct conversion *c, const char *path,
    const char *reported, const char *text, struct error *err);
