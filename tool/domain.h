/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The inside of tool/: -d, the disks of a libvirt domain. */
#pragma once
#include "tool/options.h"

/* Put the disks of each domain in the place of its -d; a running domain needs
 * --ro. */
int domain_expand(struct tool *t, struct error *err);
