/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside linux/: the steps.  Each changes one kind of thing and tells what it
 * did through the conversion. */
#pragma once
#include "v2v/convert/conversion.h"

/* Is the system hibernated?  Then nothing of it may be changed. */
int linux_asleep(struct conversion *c, struct error *err);

/* Find the kernels, and bring in one from outside if the guest has none. */
int linux_kernels(struct conversion *c, struct error *err);

/* fstab, crypttab and their like: names of disks become UUIDs. */
int linux_names(struct conversion *c, struct error *err);

/* Command lines of kernels, the loader's settings, and the loader itself. */
int linux_bootloader(struct conversion *c, struct error *err);

/* A machine with UEFI has a loader where that looks for one. */
int linux_uefi(struct conversion *c, struct error *err);

/* Login on the serial port instead of Xen's console. */
int linux_console(struct conversion *c, struct error *err);

/* Network cards keep their names. */
int linux_network(struct conversion *c, struct error *err);

/* What only makes sense under the old hypervisor. */
int linux_leftovers(struct conversion *c, struct error *err);

/* The initramfs of the kernel that will boot has the drivers. */
int linux_initramfs(struct conversion *c, struct error *err);
