/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
struct call;

/* The name to show for a kernel device name ("dm-0", "sda1", "md0"):
 * "/dev/VG/LV", "/dev/sda1", "/dev/md0". */
char *device_name(struct call *c, const char *kernel_name);

/* Wait until the kernel's queue of device events is empty and nodes exist:
 * the udevadm settle of a world without udev.  No fixed sleep. */
void device_settle(struct call *c);
