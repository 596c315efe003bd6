/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An image, with its backing files, that is read or written over NBD: exported
 * by the library, which opens it by its rules; or on an existing server. */
#pragma once
#include <libnbd.h>
#include <mayfly.h>
#include <stdbool.h>

#include "base/error.h"

struct tool;

struct server_image {
    const char *path;   /* a file, a device, or a URI (server_is_remote) */
    const char *format; /* raw, qcow2, ... */
    bool writable;
    const struct tool *tool; /* its keys may open the image; NULL: none */
};

struct server {
    struct mayfly *g; /* that exports it; NULL: another server does */
    bool own;         /* the handle is the server's own */
    char *label;      /* the disk in the handle */
    char *socket;
    char *uri;       /* of another server */
    bool one_by_one; /* use one connection only */
};

/* Is it an address, as nbd:// or https://, not a path?  Of an NBD server? */
bool server_is_remote(const char *path);
bool server_is_nbd(const char *path);

/* Start one.  Its socket is made in FOLDER, which only we may enter. */
int server_start(struct server *s, const struct server_image *image,
    const char *folder, struct error *err);

/* Start one for the disk LABEL of G, read-only.  G outlives the server. */
int server_start_drive(struct server *s, struct mayfly *g, const char *label,
    const char *folder, struct error *err);

/* A connection; CONTEXT, if not NULL, is the context for block status. */
struct nbd_handle *server_connect(
    const struct server *s, const char *context, struct error *err);

/* The size of what it serves, in bytes, asked on a separate connection. */
int server_size(const struct server *s, uint64_t *ret, struct error *err);

/* Do its bytes look like a disk, not like an image of a disk?  For that, its
 * ends are copied to FOLDER for a moment. */
int server_looks_raw(
    const struct server *s, const char *folder, bool *ret, struct error *err);

/* Put "PATH: " before an error, unless the library has; always -1. */
int server_name(const char *path, struct error *err);

/* May several connections be used at once? */
bool server_is_parallel(const struct server *s, struct nbd_handle *nbd);

/* Set libnbd's error; returns -1. */
int server_fail(struct error *err, const char *what);

/* End it in good order; an error if that fails. */
int server_end(struct server *s, struct error *err);

/* End it, in any state; connections break. */
void server_stop(struct server *s);
#define cleanup_server __attribute__((cleanup(server_stop)))
