/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One item of disk = [ ... ] of an xl or xm configuration. */
#pragma once
#include "v2v/machine/guest.h"

/* Fill in *ret, which is empty; on failure its content is freed with the
 * guest. */
int xl_disk_parse(const char *spec, struct guest_disk *ret, struct error *err);

/* The guest's name for VDEV, which is "xvda2", "d0p2" or Xen's number for it;
 * NULL with an error if it is invalid. */
char *xl_vdev_name(const char *vdev, struct error *err);
