/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A process of QEMU that gives an image, with all that is below it, as NBD on
 * a socket of ours; or a server that is there already. */
#pragma once
#include <libnbd.h>
#include <stdbool.h>

#include "tool/subprocess.h"

struct server_image {
    const char *path;   /* a file, a device, or a URI (server_is_remote) */
    const char *format; /* a driver of QEMU */
    bool writable;
    const char *file; /* to show its content as, too, an empty one; or NULL */
};

struct server {
    struct subprocess process;
    char *socket;
    char *uri;       /* of somebody else's server; then there is no process */
    bool one_by_one; /* it is to be asked by one connection only */
};

/* Is it nbd://, nbd+unix://, ssh://, http:// or https://, and no path? */
bool server_is_remote(const char *path);

/* Start one.  Its socket is made in FOLDER, which only we can enter. */
int server_start(struct server *s, const struct server_image *image,
    const char *folder, struct error *err);

/* A connection; CONTEXT, if not NULL, is what block status is wanted of. */
struct nbd_handle *server_connect(
    struct server *s, const char *context, struct error *err);

/* The bytes of what it serves, asked on a connection of its own. */
int server_size(struct server *s, uint64_t *ret, struct error *err);

/* May several connections be used at once? */
bool server_is_parallel(const struct server *s, struct nbd_handle *nbd);

/* What libnbd says went wrong; returns -1. */
int server_fail(struct error *err, const char *what);

/* Have it end in good order; an error if it cannot. */
int server_end(struct server *s, struct error *err);

/* End it, whatever it does. */
void server_stop(struct server *s);
#define cleanup_server __attribute__((cleanup(server_stop)))
