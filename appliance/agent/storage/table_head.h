/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the first bytes of a disk say of its partition table. */
#pragma once
#include <stdbool.h>

enum { TABLE_LARGE_SECTOR = 4096 };

struct table_head {
    bool readable;
    bool protective; /* the MBR in front of a GPT */
    bool gpt;        /* its first copy starts, in sectors of 512 bytes */
    bool large_gpt;  /* the same in sectors of 4096 */
    bool large_copy; /* only its second copy is there, in sectors of 4096 */
};

struct table_head table_head(const char *device);

/* Was it made for sectors of 4096 bytes only? */
bool table_has_large_sectors(const char *device);
