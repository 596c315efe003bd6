/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which of the handle's keys opens an encrypted image? */
#pragma once
#include "base/error.h"

struct disk;
struct mayfly;

/* Find the key of each encrypted file of the disk; a disk without any costs
 * nothing.  ENOKEY: none of them opens it.  The caller names the disk. */
int unlock_disk(struct mayfly *g, struct disk *d, struct error *err);

/* The same for all disks of the handle; the error names the disk. */
int unlock_disks(struct mayfly *g, struct error *err);

/* Forget the keys. */
void keys_clear(struct mayfly *g);
