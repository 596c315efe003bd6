/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command of --run. */
#pragma once

/* Run TEXT by the shell, with $uri, $nbd, $unixsocket, $port and $exportname
 * for what is served at URI: the socket SOCKET, or HOST_PORT.  Returns its exit
 * code, 128 + N for signal N. */
int command_run(const char *text, const char *uri, const char *name,
    const char *socket, const char *host_port);
