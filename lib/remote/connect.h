/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A connection to an NBD server, made by us: QEMU gets it as an open file and
 * needs neither a network nor the right to use the server's socket. */
#pragma once
#include "lib/disk/uri.h"

/* Seconds that a server may take for its first answer. */
enum { REMOTE_TIMEOUT = 30 };

/* Connect to the server of U, which has greeted by then.  CANCEL_FD readable:
 * give up (ECANCELED).  Errors name the host, the port and the cause. */
int remote_connect(const struct uri *u, int cancel_fd, struct error *err);
