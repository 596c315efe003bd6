/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The appliance's image: a kernel and an initramfs. */
#pragma once
#include <sys/stat.h>
#include <sys/types.h>

#include "base/error.h"

struct appliance_image {
    char *folder;
    int kernel, initrd; /* open for reading by the user of the cage */
    struct stat kernel_stat, initrd_stat;
};

/* Find and open it; USER is the user that has to read it. */
int appliance_image_open(
    struct appliance_image *image, uid_t user, struct error *err);
void appliance_image_close(struct appliance_image *image);
