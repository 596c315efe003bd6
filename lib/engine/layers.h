/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The layers of the cage: which of them QEMU can have here, and what happens
 * when some are missing. */
#pragma once
#include "base/error.h"

struct launch;
struct qemu_process;

/* Files in the cache: what QEMU can have, by a hash; which layers the user was
 * warned about. */
#define LAYERS_VERDICT "layers-"
#define LAYERS_WARNED  "warned"

/* Ask QEMU, or the cache, how it can be caged: sets L's sandbox and programs.
 * If there is no answer the launch will show why. */
void layers_judge(struct launch *l);

/* MAYFLY_REQUIRE_CAGE: fail, before QEMU gets any disk, if a layer is missing.
 * The launch is hopeless then. */
int layers_demand(struct launch *l, struct qemu_process *p, struct error *err);

/* A warning if a layer is missing, once for each boot of the machine and set of
 * layers. */
void layers_warn(const struct launch *l, const struct qemu_process *p);
