/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The network of the appliance, when one is asked for.
 *
 *     QEMU --frames--> gate --frames--> passt --sockets--> the world
 *
 * Each is a process in a cage of its own.  QEMU and the gate have no network;
 * passt has one, and no files.  MAYFLY_NETWORK=qemu: QEMU makes the connections
 * itself instead, and the guest reaches what this host reaches. */
#pragma once
#include "base/error.h"
#include "lib/qemu/argv.h"

struct mayfly;
struct network;

/* What the card of this handle's appliance is to be connected to.  Fails if
 * that is a socket and there is no passt. */
int network_choose(
    const struct mayfly *g, enum qemu_network *ret, struct error *err);

/* Start passt; network_connect waits until it is ready, and puts the gate
 * between it and CARD, the socket whose other end is QEMU's card. */
int network_start(struct mayfly *g, struct network **ret, struct error *err);
int network_connect(struct network *n, int card, struct error *err);

/* End both processes; N may be NULL. */
void network_free(struct network *n);
