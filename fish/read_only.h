/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The user's configuration for guestfish, libguestfs-tools.conf(5). */
#pragma once
#include <stdbool.h>

/* Does it have disks opened read-only where neither --ro nor --rw is given?
 * The program ends if it cannot be read: to write by mistake is worse. */
bool read_only_configured(void);
