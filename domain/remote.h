/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Disks that libvirt and libguestfs name by protocol and server, as URIs for
 * libmayfly. */
#pragma once
#include <stdbool.h>

/* Can Mayfly reach disks by this protocol?  Each such protocol takes one
 * server. */
bool remote_known(const char *protocol);

/* SERVER is "HOST", "HOST:PORT", "tcp:HOST:PORT" or "unix:PATH"; USER may be
 * NULL.  The caller frees the result; NULL if out of memory. */
char *remote_uri(const char *protocol, const char *user, const char *server,
    const char *filename);
