/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An image of any format, or a block device, shown as a raw file. */
#pragma once
#include "v2v/copy/server.h"

struct raw_view;

/* Show what S serves as *ret_path, a read-only file in a new folder below
 * FOLDER.  Takes over S.  An error if FUSE is missing or not allowed. */
int raw_view_start(struct server *s, const char *folder, const char *name,
    struct raw_view **ret, char **ret_path, struct error *err);

/* Unmount it and remove its folder; V may be NULL. */
void raw_view_stop(struct raw_view *v);
