/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside linux/: which device a name means. */
#pragma once
#include "v2v/convert/conversion.h"
#include "v2v/convert/linux/edit.h"
#include "v2v/convert/volumes.h"
#include "v2v/machine/device_ref.h"

enum meaning_kind {
    MEANS_NOTHING, /* no disk: nothing to do */
    MEANS_SAME,    /* the same on the new machine */
    MEANS_SURELY,
    MEANS_PROBABLY,
    MEANS_GONE, /* it is on none of the disks */
    MEANS_SEVERAL,
};

struct meaning {
    enum meaning_kind kind;
    const struct volume *volume;
};

/* REF is what NAME says, and NAME where it stands. */
int device_meaning(struct conversion *c, const struct volumes *v,
    const struct device_ref *ref, const struct edit_name *name,
    struct meaning *ret, struct error *err);

/* The device with the guest's "/". */
const char *device_of_root(struct conversion *c, struct error *err);

/* The length of the disk's name in "/dev/sda2", and the number; false for a
 * volume or an array. */
bool device_split_partition(
    const char *device, size_t *ret_disk, unsigned *ret_partition);
