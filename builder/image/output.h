/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The image that is being built: a complete, independent copy of the
 * template. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/file.h"
#include "builder/image/cache.h"

struct new_image {
    struct output out; /* of a file; not used for a block device */
    int device;        /* an open block device, or -1 */
    char *path;        /* where the content is until the commit */
    const char *format;
};

/* An open file without a name in the folder; NULL: $TMPDIR or /var/tmp. */
int nameless_file(const char *folder, struct error *err);

/* Examine what exists at PATH and refuse what cannot be an output.
 * *ret_device_size is the size of a block device, else 0. */
int output_examine(
    const char *path, uint64_t *ret_device_size, struct error *err);

/* Copy BASE to a new image of SIZE bytes and FORMAT that will be PATH.  Until
 * new_image_commit it has a temporary name in the same folder. */
int new_image_create(struct new_image *image, const char *path,
    const char *format, uint64_t size, const struct base *base,
    struct error *err);

/* The image is finished: flush it and give it its name.  FLUSH false leaves
 * the flushing to the kernel. */
int new_image_commit(struct new_image *image, bool flush, struct error *err);

/* Remove what is not committed, and close. */
void new_image_close(struct new_image *image);

#define cleanup_new_image __attribute__((cleanup(new_image_close)))
