/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The names that a guest gave to a network card because of its place in the old
 * machine.  Each call adds to NIC->names, the likeliest first, and says where
 * the card comes in the order in which the kernel counts them. */
#pragma once
#include "v2v/machine/guest.h"

/* VMware: ethernetINDEX with this pciSlotNumber, such as 192 or 1184. */
int nic_place_vmware(struct guest_nic *nic, unsigned index,
    unsigned long slot_number, struct error *err);

/* VirtualBox: adapter number INDEX, from 0. */
int nic_place_virtualbox(
    struct guest_nic *nic, unsigned index, struct error *err);

/* An address on the PCI bus. */
int nic_place_pci(struct guest_nic *nic, unsigned domain, unsigned bus,
    unsigned slot, unsigned function, struct error *err);

/* The number that the firmware gives to the card: eno1. */
int nic_place_onboard(
    struct guest_nic *nic, unsigned number, struct error *err);

/* Xen: device number INDEX. */
int nic_place_xen(struct guest_nic *nic, unsigned index, struct error *err);
