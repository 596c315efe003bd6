/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside linux/: parts of initramfs.c. */
#pragma once
#include "v2v/convert/conversion.h"
#include "v2v/convert/linux/addition.h"

/* Does an initramfs with these NAMES hold a file with the base name of MODULE,
 * compressed or not? */
bool initramfs_holds(char *const *names, const char *module);

/* Add the .link files that name cards and that it lacks. */
int initramfs_add_links(struct conversion *c, struct addition *x,
    const struct kernel *k, char *const *names, bool *ret_added,
    struct error *err);

/* Configure the guest so that the next initramfs it makes also has the drivers,
 * even if its configuration lists which drivers to include. */
int initramfs_remember(
    struct conversion *c, const struct kernel *k, struct error *err);
