/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Small files of /sys and /proc. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

/* The line of a small file; false if there is none. */
bool sysfs_line(const char *path, char *ret_line, size_t size);

/* Write to one.  Kernels differ in what they have; none of it is vital. */
void write_setting(const char *path, const char *value);

/* No scheduler for a disk's requests, by its kernel name, or for those of all.
 * The host knows better than an emulated processor in what order it likes them;
 * and without one a batch of requests rings the device's bell once, not for
 * each. */
void disk_drop_scheduler(const char *name);
void disks_drop_schedulers(void);
