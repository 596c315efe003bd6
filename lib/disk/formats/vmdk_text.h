/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The descriptor of a vmdk: text that lists the files of the disk. */
#pragma once
#include "lib/disk/header.h"

enum { VMDK_TEXT_MAX = 256 << 10 };

bool vmdk_text_probe(const uint8_t *head, size_t n);

/* Read the N bytes of descriptor at OFFSET: variant, extents, size (the sum
 * of the extents), parent as backing, and the text itself. */
int vmdk_text_read(const struct image_source *src, uint64_t offset, size_t n,
    struct image_header *h, struct error *err);

/* Does the line, without blanks before it, start as that of an extent? */
bool vmdk_is_extent(const char *line);

/* A copy of the descriptor TEXT for QEMU, in which extent i is the file
 * NAMES[i]; NULL if out of memory. */
char *vmdk_text_rewrite(const char *text, char *const *names, uint32_t n);
