/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A disk as QEMU's block layer sees it: a tree of nodes, each with an explicit
 * format and an open file, so that QEMU neither guesses a format nor opens
 * anything by name. */
#pragma once
#include <stdbool.h>

#include "base/error.h"
#include "lib/disk/disk.h"

struct json_object;
struct secret;

/* Hand an open file to QEMU; returns the number of its fdset, or -1. */
typedef int (*node_add_fd)(void *opaque, int fd, struct error *err);

/* Reach the server of the remote disk D and hand QEMU the connection, on which
 * NBD is spoken, under NAME. */
typedef int (*node_add_server)(void *opaque, const struct disk *d,
    bool writable, const char *name, struct error *err);
#define NODE_CONNECTION "nbd-connection"

/* Hand the key of an encrypted image to QEMU; what QEMU calls it is returned
 * in RET_NAME. */
enum { NODE_KEY_NAME = 24 };
typedef int (*node_add_key)(void *opaque, const struct secret *key,
    char ret_name[NODE_KEY_NAME], struct error *err);

struct node_builder {
    node_add_fd add_fd;
    node_add_server add_server;
    node_add_key add_key; /* NULL: it takes none */
    void *opaque;
};

/* The argument of blockdev-add for all the files of the disk, or for what its
 * server has, as it is; the caller owns it.  NULL on failure. */
struct json_object *node_of_disk(
    const struct node_builder *b, const struct disk *d, struct error *err);

/* The same, but nothing is written and nothing is locked. */
struct json_object *node_to_read(
    const struct node_builder *b, const struct disk *d, struct error *err);

/* To try a key: this one file of the disk, which is encrypted, with KEY and
 * without those below it. */
struct json_object *node_to_try(const struct node_builder *b,
    const struct disk_file *f, const struct secret *key, struct error *err);

/* The bytes that the server of a remote disk has; and the image on them, which
 * names no other file, over that node, NAME. */
struct json_object *node_of_server(const struct node_builder *b,
    const struct disk *d, bool read_only, struct error *err);
struct json_object *node_on_server(const struct disk *d,
    enum image_format format, const char *name, bool read_only,
    struct error *err);

/* The same bytes by QEMU's own driver for such servers, for a process that may
 * use the network. */
struct json_object *node_of_driver(
    const struct disk *d, bool read_only, struct error *err);

/* A node for the overlay in FD over BACKING, which is taken over: a node or the
 * name of one. */
struct json_object *node_of_overlay(const struct node_builder *b, int fd,
    struct json_object *backing, struct error *err);

/* A node for a new file that is open for reading and writing: its plain bytes.
 * Flushes are left to the caller. */
struct json_object *node_of_file(
    const struct node_builder *b, int fd, struct error *err);
