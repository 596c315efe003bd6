/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One file of a chain of VHDs. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/vhd.h"

struct vhd_image {
    int fd;
    enum vhd_kind kind;
    uint64_t size; /* of the disk; from the footer, not from its geometry */
    uint8_t id[16], parent_id[16];
    char *parent; /* name of the parent's file, without a folder */
    /* For all but FIXED: the place of each block, in sectors. */
    uint32_t *table;
    uint32_t n_blocks, block_size;
    uint8_t *batmap; /* XenServer's: which blocks are full; may be NULL */
    /* The bitmap of stored sectors of one block. */
    uint8_t *bitmap;
    uint32_t bitmap_block, bitmap_size;
};

/* Where a run of sectors is. */
enum vhd_place { VHD_HERE, VHD_PARENT, VHD_ZERO };

/* Open the file NAME of the folder DIRFD. */
int vhd_open(
    int dirfd, const char *name, struct vhd_image *ret, struct error *err);

/* Where is SECTOR? *n is the number of sectors wanted, and becomes the number
 * at the same place; *ret_offset is the offset in the file, if HERE. */
int vhd_find(struct vhd_image *image, uint64_t sector, uint64_t *n,
    enum vhd_place *ret_place, uint64_t *ret_offset, struct error *err);

void vhd_close(struct vhd_image *image);
