/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One format of disk image.  To add one: a file in formats/ that ends in such a
 * table entry, its line in header.c's list, its place in enum image_format. */
#pragma once
#include "base/bytes.h"
#include "lib/disk/header.h"

/* A probe may look at this many bytes from the start of the file. */
enum { IMAGE_HEAD = 4096 };

struct image_kind {
    const char *name;
    enum image_format format;

    /* Does it look like one?  HEAD is zero where the file is shorter. */
    bool (*probe)(
        const struct image_source *src, const uint8_t head[IMAGE_HEAD]);

    /* Fill in the zeroed header (format is set); on failure the caller
     * frees what is there. */
    int (*read)(
        struct image_source *src, struct image_header *h, struct error *err);

    /* As image_take_snapshot; NULL: the format has no snapshots. */
    int (*take_snapshot)(struct image_source *src, struct image_header *h,
        const char *name, struct error *err);
};

extern const struct image_kind image_qcow2;
extern const struct image_kind image_vmdk;
extern const struct image_kind image_vdi;
extern const struct image_kind image_vpc;
extern const struct image_kind image_vhdx;

/* formats/raw.c: what a file in no known image format contains ("gpt"), or
 * NULL. */
const char *raw_content(
    const struct image_source *src, const uint8_t head[IMAGE_HEAD]);

/* formats/foreign.c: if the file is certainly something that cannot be used as
 * a disk, what it is and what to do about it; else NULL. */
const char *foreign_advice(
    const struct image_source *src, const uint8_t head[IMAGE_HEAD]);
