/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's events, and what they have announced. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Before anything is plugged; -1 with errno. */
int uevent_open(void);

/* Wait for the next event, at most MILLISECONDS (-1: for ever): 1, or 0 when
 * time is up, or -1.  It is taken note of. */
int uevent_wait(int milliseconds);

enum { DISK_NAME_MAX = 32 };

/* Has the disk at this SCSI target been announced, and not been removed
 * since?  Then its name ("sda"); its partitions are read. */
bool uevent_disk_at(uint32_t target, char ret_name[DISK_NAME_MAX]);

/* Is a disk announced that is none of these targets, nor, with NOT_FIRST, the
 * first one?  Then its target. */
bool uevent_other(
    const uint32_t *targets, uint32_t n, bool not_first, uint32_t *ret);

/* Was a disk ever removed? */
bool uevent_any_removed(void);

/* Have events been lost, so that the above may be wrong? */
bool uevent_lost(void);
