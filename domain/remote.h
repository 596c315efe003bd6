/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Disks that libvirt and libguestfs name by protocol and server, as the URIs
 * that libmayfly takes. */
#pragma once
#include <stdbool.h>

/* Is it one that Mayfly can reach?  Each of those takes one server. */
bool remote_known(const char *protocol);

/* SERVER is "HOST", "HOST:PORT", "tcp:HOST:PORT" or "unix:PATH"; USER may be
 * NULL.  To be freed; NULL without memory. */
char *remote_uri(const char *protocol, const char *user, const char *server,
    const char *filename);
