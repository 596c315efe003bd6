/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What only the appliance can find or read: where a partition is; the bytes of
 * a device or of a file of the guest. */
#pragma once
#include <mayfly.h>
#include <stdint.h>

#include "tool/tool.h"

struct file_view;

/* All return an exit code of enum tool_exit, the error reported. */

/* Where partition NUMBER of the disk is. */
int guest_find_partition(
    const struct tool *t, int number, uint64_t *ret_start, uint64_t *ret_size);

/* A running appliance, and what is read from it. */
struct guest {
    struct mayfly *g;
    const char *device, *path; /* one of them */
    uint64_t size;
    char *piece; /* the last that was read */
    size_t piece_size;
    uint64_t piece_start;
    struct file_view *view;
};

/* Show the device or file as the file *ret, in the new folder FOLDER. */
int guest_show(struct guest *v, struct tool *t, const char *folder, char **ret);

/* End it all; CODE as for tool_end. */
int guest_end(struct guest *v, int code);
