/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The network card of the appliance, for programs of the guest. */
#pragma once
struct call;

/* The library plugs a card: load its driver, if it is there already. */
void network_expect(void);

/* Bring the card up, if the handle has one, and wait for it. */
int network_up(struct call *c);
