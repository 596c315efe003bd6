/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The layers of the cage: which of them QEMU can have here, and what happens
 * when some are missing. */
#pragma once
#include "base/error.h"

struct mayfly;
struct qemu_needs;
struct qemu_process;

/* Files in the cache: what QEMU can have, by a hash; which layers the user was
 * warned about. */
#define LAYERS_VERDICT "layers-"
#define LAYERS_WARNED  "warned"

/* Ask the QEMU at PATH, which is of that IDENTITY, or the CACHE (-1: none), how
 * it can be caged.  Without an answer it is taken to be an ordinary one: its
 * start will show why. */
void layers_judge(struct mayfly *g, int cache, const char *path,
    const char *identity, struct qemu_needs *ret);

/* The process P, of the QEMU at PATH, has been spawned as NEEDS say.
 * MAYFLY_REQUIRE_CAGE: fail with EPERM, before it gets any disk, if a layer is
 * missing. */
int layers_demand(struct qemu_process *p, const char *path,
    const struct qemu_needs *needs, struct error *err);

/* Once it has started: add QEMU's own filter to its report. */
void layers_complete(struct qemu_process *p, const struct qemu_needs *needs);

/* A warning if a layer is missing from that, once for each boot of the machine
 * and set of layers. */
void layers_warn(struct mayfly *g, int cache, const struct qemu_process *p);
