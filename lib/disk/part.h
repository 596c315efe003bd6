/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An image that is a part of a file, as the disk of an OVA is of the archive.
 * QEMU's name for such a one is
 *
 *     json:{"driver": FORMAT, "file": {"driver": "raw", "offset": N,
 *         "size": N, "file": {"driver": "file", "filename": PATH}}}
 *
 * and an image may name just that, and no other json:, as what it stands
 * on.  PATH is a full one: QEMU would take another from where it runs, and
 * not from where the image lies. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

struct part {
    char *path, *format;
    uint64_t start, size; /* bytes */
};

/* Is NAME such a name?  The part is cleared by the caller then. */
bool part_parse(const char *name, struct part *ret);

void part_clear(struct part *part);
#define cleanup_part __attribute__((cleanup(part_clear)))
