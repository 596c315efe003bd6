/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A new qcow2, version 3, that we write ourselves: it is a raw image whose
 * blocks lie in the order in which they come, with tables behind them. */
#pragma once
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct qcow2 {
    uint64_t size;         /* of the disk */
    size_t n;              /* its clusters, which are of BLOCK_SIZE */
    uint64_t *places;      /* of each cluster in the file; 0: it has none */
    _Atomic uint64_t next; /* where the file ends */
};

int qcow2_open(struct qcow2 *ret, uint64_t size, struct error *err);

/* Write whole clusters, up to the disk's end, from any thread; none of them
 * by two.  -1 with errno. */
int qcow2_write(
    struct qcow2 *q, int fd, const uint8_t *data, size_t size, uint64_t offset);

/* Make an image of it. */
int qcow2_finish(struct qcow2 *q, int fd, struct error *err);

void qcow2_close(struct qcow2 *q);
