/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The name of a file in the cache for what is known about this kernel and the
 * QEMU of that identity; NULL if it has none. */
char *verdict_name(const char *prefix, const char *qemu_identity);
