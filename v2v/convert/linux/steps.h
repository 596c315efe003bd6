/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside linux/: the steps.  Each changes one kind of thing and reports what it
 * did through the conversion. */
#pragma once
#include "v2v/convert/conversion.h"

/* Fail if the system is hibernated: then nothing may be changed. */
int linux_hibernated(struct conversion *c, struct error *err);

/* Mount the partitions that the firmware reads, wherever they are. */
int linux_system_partitions(struct conversion *c, struct error *err);
int linux_system_partitions_close(struct conversion *c, struct error *err);

/* Find the kernels, and copy one from the host if the guest has none. */
int linux_kernels(struct conversion *c, struct error *err);

/* Every file that names disks: they become UUIDs. */
int linux_names(struct conversion *c, struct error *err);

/* The loader's settings, and the loader itself. */
int linux_bootloader(struct conversion *c, struct error *err);

/* A UEFI machine gets a loader where the firmware looks for one. */
int linux_uefi(struct conversion *c, struct error *err);

/* Login on the serial port instead of Xen's console. */
int linux_console(struct conversion *c, struct error *err);

/* Network cards keep their names. */
int linux_network(struct conversion *c, struct error *err);

/* Folders that the old hypervisor shared, and drivers that may not load. */
int linux_hardware(struct conversion *c, struct error *err);

/* Services that want a clock, a cloud or a card of the old machine. */
int linux_surroundings(struct conversion *c, struct error *err);

/* Remove what only makes sense under the old hypervisor. */
int linux_leftovers(struct conversion *c, struct error *err);

/* Make sure that the initramfs of each kernel that can boot has the
 * drivers. */
int linux_initramfs(struct conversion *c, struct error *err);
