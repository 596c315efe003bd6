/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Sockets in the file system, also where their paths are longer than an address
 * may be. */
#pragma once
#include "base/error.h"

/* Make the socket PATH, which only this user may connect to, and listen. */
int unix_listen(const char *path, int connections, struct error *err);

/* A connection to it. */
int unix_connect(const char *path, struct error *err);
