/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Open files in QEMU, and QEMU's words about them. */
#pragma once
#include "base/error.h"

struct qmp;

/* Hand an open file to QEMU, as part of the set NUMBER; it is
 * /dev/fdset/NUMBER there.  The caller keeps FD and may close it.  Files with
 * different access (read-only, read-write) may form one set. */
int fdset_add(struct qmp *q, int fd, int number, struct error *err);
int fdset_remove(struct qmp *q, int number, struct error *err);

/* Hand a connected socket to QEMU, which can use it once, by NAME. */
int socket_add(struct qmp *q, int fd, const char *name, struct error *err);

/* Replace QEMU's words for faults that a user can do something about; always
 * -1. */
int block_explain(struct error *err);
