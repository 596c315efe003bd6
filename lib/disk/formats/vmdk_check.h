/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Descriptors that QEMU reads in another way than vmdk_text.c are refused: it
 * must not find a file that we did not see. */
#pragma once
#include "lib/disk/image_source.h"

/* QEMU scans the descriptor at OFFSET for the name of a parent, whatever else
 * it says.  Does it find PARENT, or nothing if that is NULL? */
int vmdk_check_parent(const struct image_source *src, uint64_t offset,
    const char *parent, struct error *err);

/* QEMU takes any white space, and ends of lines as well, between the words of
 * an extent, and begins at any line.  Is each line of TEXT one of those that
 * cannot be read in two ways? */
int vmdk_check_lines(const char *text, struct error *err);
