/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A new qcow2, version 3, that we write ourselves: blocks lie in the order in
 * which they arrive, followed by the tables. */
#pragma once
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct qcow2 {
    uint64_t size;         /* of the disk */
    size_t n;              /* its clusters, of BLOCK_SIZE each */
    uint64_t *places;      /* of each cluster in the file; 0: not stored */
    _Atomic uint64_t next; /* where the file ends */
};

int qcow2_open(struct qcow2 *ret, uint64_t size, struct error *err);

/* Write whole clusters, up to the disk's end.  Any thread may call this, but no
 * two for the same cluster. -1 with errno. */
int qcow2_write(
    struct qcow2 *q, int fd, const uint8_t *data, size_t size, uint64_t offset);

/* Write the tables and the header. */
int qcow2_finish(struct qcow2 *q, int fd, struct error *err);

void qcow2_close(struct qcow2 *q);
