/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An image that is a part of a file, like a disk inside an OVA.  QEMU's name
 * for one is
 *
 *     json:{"driver": FORMAT, "file": {"driver": "raw", "offset": N,
 *         "size": N, "file": {"driver": "file", "filename": PATH}}}
 *
 * and that is the only json: name that an image may give for its backing file.
 * PATH must be absolute: QEMU would resolve a relative one against its current
 * directory, not against the image's folder. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

struct part {
    char *path, *format;
    uint64_t start, size; /* bytes */
};

/* Is NAME such a name?  If so, the caller clears the part. */
bool part_parse(const char *name, struct part *ret);

void part_clear(struct part *part);
#define cleanup_part __attribute__((cleanup(part_clear)))
