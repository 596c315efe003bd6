/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside tool/: -d, the disks of a domain of libvirt. */
#pragma once
#include "tool/options.h"

/* Put the disks of each domain where its -d stood; a domain that runs needs
 * --ro. */
int domain_expand(struct tool *t, struct error *err);
