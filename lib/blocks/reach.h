/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The way to a remote disk.  QEMU has no network: it gets a connection, on
 * which NBD is spoken,
 *
 *     to the server itself, made by us (nbd, nbd+unix);
 *     to a process that speaks to the server: nbdkit (http, https, ftp, ftps;
 *     web.h), or a block server with QEMU's own driver (ssh, iscsi, rbd). */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "lib/disk/disk.h"

struct json_object;
struct mayfly;
struct qmp;
struct reached;

/* Reach the server of the remote disk D, which the result refers to. */
int reach(struct mayfly *g, const struct disk *d, bool writable,
    struct reached **ret, struct error *err);

/* End it; R may be NULL.  What was written and flushed is with the server. */
void reached_end(struct reached *r);

/* The connection, to be handed to QEMU; it stays R's. */
int reached_connection(const struct reached *r);

/* Is it the disk that is read there, and no longer an image of it? */
bool reached_is_disk(const struct reached *r);

/* Add NODE, an NBD client on that connection, which is taken over, to the QEMU
 * of Q under NAME.  Fails if the server does not answer. */
int reached_add(struct reached *r, struct qmp *q, struct json_object *node,
    const char *name, struct error *err);

/* The image on that node: remote_probe. */
int reached_probe(struct reached *r, struct mayfly *g, struct qmp *q,
    const char *name, bool writable, struct json_object **ret,
    uint64_t *ret_size, struct error *err);
