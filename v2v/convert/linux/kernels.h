/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside linux/: the kernels that can start. */
#pragma once
#include "base/kernel_version.h"
#include "v2v/convert/conversion.h"

/* The file of the guest that a loader calls WRITTEN in a file in FOLDER, or
 * NULL; BASE is where its file system is mounted, if known. */
char *kernels_file(struct conversion *c, const char *written,
    const char *folder, const char *base, struct error *err);

/* Add one, if it is not there yet.  INITRD NULL: look for it by its name. */
int kernel_add(struct conversion *c, const char *image, const char *version,
    const char *initrd, bool in_menu, struct error *err);

/* All that the guest has. */
int kernels_find(struct conversion *c, struct error *err);

/* Copy the one on the host into the guest. */
int kernel_bring_in(struct conversion *c, struct error *err);

/* A unified image: its version, or NULL without an error. */
char *unified_version(
    struct conversion *c, const char *path, struct error *err);

/* Report what it names or lacks: it cannot be changed, since it may be
 * signed. */
int unified_check(
    struct conversion *c, const struct kernel *k, struct error *err);
