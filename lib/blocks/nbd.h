/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* NBD: a block server's node on a socket. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

struct block_server;
struct mayfly;

/* Make the socket PATH, which only this user may connect to, and listen. */
int nbd_listen(const char *path, struct error *err);

/* Listen on PORT of the loopback interface, 0 for a free one; *ret_address
 * becomes HOST:PORT. */
int nbd_listen_port(uint16_t port, char **ret_address, struct error *err);

/* Serve the node NODE as the export NAME to all who connect to FD, a listening
 * socket, which the caller keeps. */
int nbd_serve(struct block_server *s, const char *node, const char *name,
    bool writable, int fd, struct error *err);

/* Serve the node NODE, without a name, to one connection, which is made and
 * returned: through a socket file that is gone at once. */
int nbd_connect(struct mayfly *g, struct block_server *s, const char *node,
    bool writable, struct error *err);
