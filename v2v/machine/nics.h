/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the network cards are connected to on the new host, and which addresses
 * they have there, from --network, --bridge and --mac. */
#pragma once
#include "v2v/machine/guest.h"

struct nic_wishes {
    char **networks; /* --network [IN:]OUT */
    char **bridges;  /* --bridge [IN:]OUT */
    char **macs;     /* --mac MAC:network|bridge:OUT, MAC:ip:... */
};

/* Check the last of the --network or --bridge rules, LIST.  EEXIST: a rule
 * before it is for the same cards. */
int nics_check_last(char *const *list, struct error *err);

/* Apply the wishes to GUEST's cards, which must have their MAC addresses
 * already.  A --mac for a card that does not exist is an error. */
int nics_apply(
    const struct nic_wishes *wishes, struct guest *guest, struct error *err);

void nic_wishes_clear(struct nic_wishes *wishes);
