/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the kernel has announced; see also uevent_wait in agent.h. */
#pragma once
#include "appliance/agent/agent.h"

enum { DISK_NAME_MAX = 32 };

/* Has this disk ("sda") been announced, and not been removed since?  Its
 * partitions are read then. */
bool uevent_announced(const char *disk);

/* Have events been lost, so that the above may be wrong? */
bool uevent_lost(void);
