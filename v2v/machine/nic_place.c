/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How systemd and the kernel derive names from places is in
 * systemd.net-naming-scheme(7).
 *
 * VMware's pciSlotNumber is FUNCTION << 10 | BRIDGE << 5 | DEVICE, where bridge
 * 0 is the root bus, 1 the PCI bridge, which is bus 2, and 5 to 8 the bridges
 * for PCI Express, whose eight functions each are a bus, from 3 on.  A card
 * behind function 1 of bridge 5 (1184) is called ens161, since the number of
 * its slot is 160 + 1.  The firmware numbers of CentOS 7 (eno16777984) are made
 * of the card's own number and of bus and device. */
#include <config.h>

#include "v2v/machine/nic_place.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/strv.h"

static int
add(struct guest_nic *nic, char *name, struct error *err)
{
    return strv_take(&nic->names, name) < 0 ? error_no_memory(err) : 0;
}

static void
set_order(struct guest_nic *nic, unsigned domain, unsigned bus, unsigned slot,
    unsigned function)
{
    nic->order = domain << 16 | bus << 8 | slot << 3 | function;
    nic->has_order = true;
}

static int
set_address(struct guest_nic *nic, unsigned domain, unsigned bus, unsigned slot,
    unsigned function, struct error *err)
{
    set_order(nic, domain, bus, slot, function);
    free(nic->pci);
    nic->pci = text_printf("%04x:%02x:%02x.%x", domain, bus, slot, function);
    return nic->pci ? 0 : error_no_memory(err);
}

int
nic_place_vmware(struct guest_nic *nic, unsigned index,
    unsigned long slot_number, struct error *err)
{
    enum { FUNCTION_SHIFT = 10, BRIDGE_SHIFT = 5, DEVICES = 31 };
    enum { PCI_BRIDGE = 1, PCI_BUS = 2, EXPRESS = 5, EXPRESS_BUS = 3 };
    unsigned n = (unsigned)slot_number & ((1 << FUNCTION_SHIFT) - 1);
    unsigned function = (unsigned)(slot_number >> FUNCTION_SHIFT) & 7;
    unsigned bridge = n >> BRIDGE_SHIFT, device = n & DEVICES, bus;

    if (slot_number == 0 || slot_number >= 1 << (FUNCTION_SHIFT + 3))
        return 0;
    if (add(nic, text_printf("ens%u", n + function), err) < 0)
        return -1;
    nic->is_place_sure = true;
    if (bridge == 0)
        bus = 0;
    else if (bridge == PCI_BRIDGE)
        bus = PCI_BUS;
    else if (bridge >= EXPRESS && bridge < EXPRESS + 4 && device == 0)
        bus = EXPRESS_BUS + 8 * (bridge - EXPRESS) + function;
    else
        return 0;
    if (add(nic, text_printf("enp%us%u", bus, device), err) < 0 ||
        add(nic,
            text_printf("eno%u", (index + 1) << 24 | bus << 8 | device << 3),
            err) < 0 ||
        add(nic, text_printf("p%up1", n + function), err) < 0)
        return -1;
    return set_address(nic, 0, bus, device, 0, err);
}

int
nic_place_virtualbox(struct guest_nic *nic, unsigned index, struct error *err)
{
    static const unsigned slots[] = {3, 8, 9, 10, 16, 17, 18, 19};

    if (index >= N_ELEMENTS(slots))
        return 0;
    nic->is_place_sure = true;
    if (add(nic, text_printf("enp0s%u", slots[index]), err) < 0)
        return -1;
    return set_address(nic, 0, 0, slots[index], 0, err);
}

int
nic_place_pci(struct guest_nic *nic, unsigned domain, unsigned bus,
    unsigned slot, unsigned function, struct error *err)
{
    cleanup_free char *where = domain ? text_printf("P%u", domain) : NULL;
    const char *p = where ? where : "";

    if (domain && !where)
        return error_no_memory(err);
    /* Cards behind a bridge of PCI Express have their place in a name, those
     * on the first bus of an old machine the number of their slot. */
    if (bus == 0 && !domain && function == 0 &&
        add(nic, text_printf("ens%u", slot), err) < 0)
        return -1;
    if (function == 0 &&
        add(nic, text_printf("en%sp%us%u", p, bus, slot), err) < 0)
        return -1;
    if (add(nic, text_printf("en%sp%us%uf%u", p, bus, slot, function), err) <
            0 ||
        (bus != 0 && !domain && function == 0 &&
            add(nic, text_printf("ens%u", slot ? slot : bus), err) < 0) ||
        (function != 0 && !domain &&
            add(nic, text_printf("ens%uf%u", slot, function), err) < 0))
        return -1;
    return set_address(nic, domain, bus, slot, function, err);
}

int
nic_place_onboard(struct guest_nic *nic, unsigned number, struct error *err)
{
    return number ? add(nic, text_printf("eno%u", number), err) : 0;
}

int
nic_place_xen(struct guest_nic *nic, unsigned index, struct error *err)
{
    nic->order = index;
    nic->has_order = true;
    return add(nic, text_printf("eth%u", index), err) < 0
               ? -1
               : add(nic, text_printf("enX%u", index), err);
}
