/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside ovf*.c: the disks of the machine, in the order of its controllers. */
#pragma once
#include <libxml/tree.h>

#include "v2v/machine/guest.h"

/* All items that are disks. */
int ovf_disks_read(const xmlNode *envelope, const xmlNode *system,
    struct guest *ret, struct error *err);
