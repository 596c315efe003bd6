/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The appliance's image: a kernel and an initramfs. */
#pragma once
#include <sys/stat.h>
#include <sys/types.h>

#include "base/error.h"

struct image {
    char *folder;
    int kernel, initrd; /* open for reading by the user of the cage */
    struct stat kernel_stat, initrd_stat;
};

/* Its location: MAYFLY_APPLIANCE, else where it was installed. */
const char *image_folder(void);

/* Find and open it; USER is the user that has to read it. */
int image_open(struct image *image, uid_t user, struct error *err);
void image_close(struct image *image);
