/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Files of the host as a tar stream for a guest. */
#pragma once
#include "base/error.h"

/* Write the file or directory PATH, with all below it, as a tar archive to
 * OUTPUT, which stays open.  The names in it start with the last part of
 * PATH. */
int collect_tar(const char *path, int output, struct error *err);
