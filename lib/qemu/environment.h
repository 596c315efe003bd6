/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
#include <stdbool.h>

/* The environment of a QEMU program: nothing of the user's but, for REMOTE
 * disks, what the protocols need.  NULL without memory; strv_free. */
char **qemu_environment(bool remote);
