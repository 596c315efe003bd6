/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the file systems of a guest are mounted, in the XML of virt-inspector
 * and virt-v2v-inspector. */
#pragma once
#include <mayfly.h>

#include "tool/xml_writer.h"

/* <mountpoints>, the shortest path first. */
void put_mountpoints(
    struct xml_writer *x, const struct mayfly_inspection_root *root);
