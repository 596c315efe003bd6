/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside linux/: LVM's filter, which says by expressions at which disks LVM
 * looks for its volumes. */
#pragma once
#include "v2v/convert/conversion.h"
#include "v2v/convert/linux/edit.h"

/* lvm.conf with the disks in its filters renamed. */
char *lvm_edit(
    const char *text, edit_rename rename, void *opaque, struct error *err);

/* /etc/lvm/devices/system.devices with the disks renamed. */
char *lvm_edit_devices(
    const char *text, edit_rename rename, void *opaque, struct error *err);

/* lvm.conf with the DEVICES accepted by its filters: an expression for each
 * one that a filter rejects, also by its other name in LINKS.  *ret_line is the
 * last such filter's, or 0. */
char *lvm_accept(const char *text, char *const *devices, char *const *links,
    unsigned *ret_line, struct error *err);

/* The guest has to find its volumes on the new machine. */
int lvm_check(struct conversion *c, struct error *err);
