/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The content of a RAM file. */
#pragma once
#include <stdbool.h>

#include "base/error.h"

/* A hash of it, in hexadecimal: of the CRC-32 of each MiB that is not empty, so
 * that it takes 0.1 s for each GB.  It is there to find damage; what an
 * attacker could change he could also record. */
char *memory_hash(int fd, struct error *err);

/* Does each write to the file move its time of change?  Not so on tmpfs: a page
 * that was read through a shared mapping is written there without the kernel's
 * knowing.  True for the file systems that are known to do it. */
bool memory_time_is_proof(int fd);
