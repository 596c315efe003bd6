/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the network cards are plugged on the new host, and which addresses
 * they have there, as --network, --bridge and --mac say it. */
#pragma once
#include "v2v/machine/guest.h"

struct nic_wishes {
    char **networks; /* --network [IN:]OUT */
    char **bridges;  /* --bridge [IN:]OUT */
    char **macs;     /* --mac MAC:network|bridge:OUT, MAC:ip:... */
};

/* Have GUEST's cards as they are wanted, which have their addresses already.
 * A wish that --mac has for a card that is not there is an error. */
int nics_apply(
    const struct nic_wishes *wishes, struct guest *guest, struct error *err);

void nic_wishes_clear(struct nic_wishes *wishes);
