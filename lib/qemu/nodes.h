/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The block nodes that QEMU has, against those it was asked for. */
#pragma once
#include <stdint.h>

#include "base/error.h"

struct json_object;
struct qmp;

/* All of them, without those below each: an array, which the caller releases
 * with json_object_put.  Not while a batch of commands is open. */
int nodes_list(struct qmp *q, struct json_object **ret, struct error *err);

/* Send the question for nodes_judge, to which QEMU answers while something else
 * is being done.  Not while a batch of commands is open. */
int nodes_ask(struct qmp *q, int64_t *ret_question, struct error *err);

/* Has QEMU opened nothing but what it was given?  It reads the header of an
 * image for itself, and the image may have changed since we did: QEMU then
 * opens what the new header names.  So each file must be one that was handed
 * over (/dev/fdset/N, or GIVEN if that is not NULL), each is used by one node
 * only, and at most N_CONNECTIONS nodes are a connection to a server.
 * EIO: it has opened more. */
int nodes_judge(struct qmp *q, int64_t question, const char *given,
    unsigned n_connections, struct error *err);

/* Both. */
int nodes_check(struct qmp *q, const char *given, unsigned n_connections,
    struct error *err);
