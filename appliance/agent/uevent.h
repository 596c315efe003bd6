/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the kernel has announced; see also uevent_wait in agent.h. */
#pragma once
#include "appliance/agent/agent.h"

enum { DISK_NAME_MAX = 32 };

/* Has the disk at this SCSI target been announced, and not been removed
 * since?  Then its name ("sda"); its partitions are read. */
bool uevent_disk_at(uint32_t target, char ret_name[DISK_NAME_MAX]);

/* Is a disk announced that is none of these targets? */
bool uevent_others(const uint32_t *targets, uint32_t n);

/* Was a disk ever removed? */
bool uevent_any_removed(void);

/* Have events been lost, so that the above may be wrong? */
bool uevent_lost(void);
