/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The caller's disks, as they come and go. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "appliance/agent/kernel/uevent.h"

struct call;

/* Find what does not change, once, before the appliance is saved. */
void disks_prepare(void);

/* The kernel's command line says whether this appliance is to be saved, and
 * hence has a slot for the first disk. */
bool disks_slot_expected(void);

/* Is this the disk that only keeps the first one's place? */
bool disks_is_slot(const char *kernel_name);

/* The name of a target's disk.  0: "sda", 25: "sdz", 26: "sdaa". */
void disk_letters(uint32_t target, char ret_name[DISK_NAME_MAX]);

/* Wait until just the SCSI targets in TARGETS are there, each as /dev/sd of
 * its number (target 2 is /dev/sdc), with its partitions read.  SLOT: target
 * 0 is in the place kept for it. */
int device_wait_disks(
    struct call *c, const uint32_t *targets, uint32_t n, bool slot);

/* A call has been answered. */
void disks_call_ended(void);
