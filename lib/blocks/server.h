/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* QEMU without a guest, in the cage: it only has block nodes.  Whatever needs
 * QEMU's image formats and no appliance is done in one: an export of a disk, a
 * new image, a conversion. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "lib/disk/disk.h"
#include "lib/disk/node.h"

struct block_server;
struct json_object;
struct mayfly;
struct qmp;

/* An ordinary one has no network and ends with this process.  One that reaches
 * a server has a network, and the user's ssh agent if it needs that; it ends
 * only with all processes that hold it, as the appliance does. */
enum block_server_kind { BLOCKS_HERE, BLOCKS_NETWORK, BLOCKS_SSH };

int block_server_start(struct mayfly *g, enum block_server_kind kind,
    struct block_server **ret, struct error *err);

struct qmp *block_server_qmp(struct block_server *s);

/* Add NODE, which is taken over (NULL: the error is set), under NAME. */
int block_server_add_node(struct block_server *s, struct json_object *node,
    const char *name, struct error *err);

/* Hand it a file; a node_add_fd. */
int block_server_add_fd(void *server, int fd, struct error *err);

/* Hand it the key of the next node; a node_add_key.  QEMU forgets it when the
 * node has been added. */
int block_server_add_key(void *server, const struct secret *key,
    char ret_name[NODE_KEY_NAME], struct error *err);

/* Call RELEASE with OWNED when it has ended. */
void block_server_own(
    struct block_server *s, void *owned, void (*release)(void *));

/* Does KEY open the file F of a disk, which is encrypted?  If not, ERR says
 * what QEMU said. */
bool block_server_try_key(struct block_server *s, const struct disk_file *f,
    const struct secret *key, struct error *err);

/* Add the plain bytes of a new file, open for reading and writing, as the node
 * NAME. */
int block_server_add_file(
    struct block_server *s, int fd, const char *name, struct error *err);

/* Wait until the job NAME has ended, with progress of the handle.  A mirror job
 * ends when both sides are equal. */
int block_server_wait_job(
    struct block_server *s, const char *name, struct error *err);

/* Copy the node "source" to "destination", of the same size: SYNC is "full", or
 * "top" for what the source itself has; BUFFER is in bytes. */
int block_server_mirror(
    struct block_server *s, const char *sync, int buffer, struct error *err);

/* Wait until it ends or the handle is cancelled; always -1, with the reason:
 * ECANCELED, or EIO. */
int block_server_wait(struct block_server *s, struct error *err);

/* End it in good order, so that all is written.  Frees it also on failure. */
int block_server_stop(struct block_server *s, struct error *err);

/* End it at once; S may be NULL. */
void block_server_kill(struct block_server *s);

/* Why it has died: its last words, as the error. */
int block_server_explain(struct block_server *s, struct error *err);

static inline void
cleanup_block_server_fn(struct block_server **s)
{
    block_server_kill(*s);
}
#define cleanup_block_server __attribute__((cleanup(cleanup_block_server_fn)))
