/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The extents of a snapshot of ESXi: of type VMFSSPARSE ("COWD") and of type
 * SESPARSE.  Both lack a descriptor, and QEMU can read, but not keep them. */
#pragma once
#include "lib/disk/header.h"

int vmdk_check_cowd(struct image_source *src, uint64_t size, struct error *err);
int vmdk_check_sesparse(
    struct image_source *src, uint64_t size, struct error *err);
