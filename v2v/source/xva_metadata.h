/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ova.xml of an XVA: the machine, its disks and network cards. */
#pragma once
#include <stddef.h>

#include "v2v/machine/guest.h"

/* The text of SIZE bytes; disks get the folder in the archive as their
 * member. */
int xva_metadata_read(
    const char *text, size_t size, struct guest *ret, struct error *err);
