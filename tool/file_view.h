/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bytes that this process can read, shown to others as a file. */
#pragma once
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct file_view;

struct file_view_source {
    uint64_t size;
    /* Read exactly N bytes, all of them below SIZE; 0, or a negative errno.
     * Called by one thread at a time, which is not the caller's. */
    int (*read)(void *opaque, char *data, size_t n, uint64_t offset);
    void *opaque;
};

/* Show it as *ret_path, a read-only file below FOLDER, which is made and may be
 * entered by this user only.  The file is there until file_view_stop or, at the
 * latest, the end of this process.  An error if FUSE is missing or not
 * allowed. */
int file_view_start(const char *folder, const struct file_view_source *source,
    struct file_view **ret, char **ret_path, struct error *err);

/* Unmount it and remove FOLDER; V may be NULL. */
void file_view_stop(struct file_view *v);
