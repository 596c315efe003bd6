/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Making files from a tar stream that a guest may have made: whatever it
 * says, nothing is written outside of one directory. */
#pragma once
#include "base/error.h"
#include "lib/transfer/skipped.h"

/* Make the files of the tar archive read from INPUT below the directory DIR;
 * both stay open.  Kept: permission bits (without setuid and the like), times,
 * hard links among the files.  Left out: owners, and
 * what SKIPPED counts, devices and pipes.  A file that is in the way is
 * replaced, never written to; a symbolic link in a path is never followed. */
int extract_tar(int input, int dir, struct skipped *skipped, struct error *err);
