/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Files of the host as a tar stream for a guest. */
#pragma once
#include "base/error.h"
#include "lib/transfer/skipped.h"

/* Write the file or directory PATH, with all below it, as a tar archive to
 * OUTPUT, which stays open.  The names in it start with the last part of
 * PATH.  With it go holes, access control lists, capabilities and the
 * attributes of users; SKIPPED are sockets. */
int collect_tar(
    const char *path, int output, struct skipped *skipped, struct error *err);
