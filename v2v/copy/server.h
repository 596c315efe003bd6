/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A QEMU process that serves an image, with its backing files, over NBD on a
 * socket of ours; or an existing server. */
#pragma once
#include <libnbd.h>
#include <stdbool.h>

#include "base/subprocess.h"

struct server_image {
    const char *path;   /* a file, a device, or a URI (server_is_remote) */
    const char *format; /* a QEMU block driver */
    bool writable;
    const char *file; /* an empty file to also present its content as; or
                       * NULL */
};

struct server {
    struct subprocess process;
    char *socket;
    char *uri;       /* of another server; then there is no process */
    bool one_by_one; /* use one connection only */
};

/* Is it nbd://, nbd+unix://, ssh://, http:// or https://, not a path? */
bool server_is_remote(const char *path);

/* Start one.  Its socket is made in FOLDER, which only we may enter. */
int server_start(struct server *s, const struct server_image *image,
    const char *folder, struct error *err);

/* A connection; CONTEXT, if not NULL, is the context for block status. */
struct nbd_handle *server_connect(
    struct server *s, const char *context, struct error *err);

/* The size of what it serves, in bytes, asked on a separate connection. */
int server_size(struct server *s, uint64_t *ret, struct error *err);

/* May several connections be used at once? */
bool server_is_parallel(const struct server *s, struct nbd_handle *nbd);

/* Set libnbd's error; returns -1. */
int server_fail(struct error *err, const char *what);

/* End it in good order; an error if that fails. */
int server_end(struct server *s, struct error *err);

/* End it, in any state. */
void server_stop(struct server *s);
#define cleanup_server __attribute__((cleanup(server_stop)))
