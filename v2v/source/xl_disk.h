/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One item of disk = [ ... ] of an xl or xm configuration. */
#pragma once
#include "v2v/machine/guest.h"

/* Fill in *ret, which is empty; what is in it on failure is freed with the
 * guest. */
int xl_disk_parse(const char *spec, struct guest_disk *ret, struct error *err);

/* The name that a guest has for VDEV: "xvda2", "d0p2" or the number that
 * Xen encodes it in; NULL with an error if it is none. */
char *xl_vdev_name(const char *vdev, struct error *err);
