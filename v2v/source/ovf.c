/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Elements are matched by name without namespace: namespaces differ between the
 * versions, and everything else is much the same. */
#include <config.h>

#include "v2v/source/ovf.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "base/xml.h"
#include "v2v/machine/nic_place.h"
#include "v2v/source/ovf_choice.h"
#include "v2v/source/ovf_disks.h"
#include "v2v/source/ovf_xml.h"

enum {
    TYPE_CPU = 3,
    TYPE_MEMORY = 4,
    TYPE_NIC = 10,
    TYPE_FLOPPY = 14,
    TYPE_CD = 15,
    TYPE_DVD = 16,
    FLOPPIES_MAX = 2,
    CDS_MAX = 4,
};

static int
read_memory(const xmlNode *item, struct guest *ret, struct error *err)
{
    cleanup_free char *unit = ovf_content(item, "AllocationUnits");
    uint64_t value = ovf_number(item, "VirtualQuantity");
    uint64_t bytes = ovf_unit(unit ? unit : "MB");

    if (bytes == 0)
        return error_set(err, EINVAL,
            "the memory has a size in the unknown unit '%s'", unit);
    if (value == 0 || value > ((uint64_t)1 << 44) / bytes)
        return error_set(err, EINVAL, "invalid memory size");
    ret->memory = value * bytes;
    return 0;
}

/* An Item of a card, and its place on the bus. */
struct card_item {
    const xmlNode *node;
    uint64_t place;
    size_t number; /* in the file */
};

static int
by_place(const void *a, const void *b)
{
    const struct card_item *x = a, *y = b;

    if (x->place != y->place)
        return x->place < y->place ? -1 : 1;
    return x->number < y->number ? -1 : 1;
}

/* "0800271A2B3C" is also an address. */
static char *
take_mac(char *text)
{
    cleanup_free char *mac = text;

    if (mac && strlen(mac) == 12 &&
        mac[strspn(mac, "0123456789abcdefABCDEF")] == 0)
        return text_printf("%.2s:%.2s:%.2s:%.2s:%.2s:%.2s", mac, mac + 2,
            mac + 4, mac + 6, mac + 8, mac + 10);
    return mac && strlen(mac) == 17 ? steal_pointer(&mac) : NULL;
}

/* VMware writes the number of the slot as a setting of the Item. */
static int
read_slot(const xmlNode *item, struct guest_nic *nic, unsigned index,
    struct error *err)
{
    const xmlNode *config =
        ovf_find(item, "Config", "key", "slotInfo.pciSlotNumber");
    cleanup_free char *value = xml_attribute(config, "value");

    return value && isdigit((unsigned char)value[0])
               ? nic_place_vmware(nic, index, strtoul(value, NULL, 10), err)
               : 0;
}

/* The cards in the order of their places on the bus. */
static int
read_nics(const xmlNode *hardware, struct guest *ret, struct error *err)
{
    struct card_item items[GUEST_NICS_MAX];
    size_t n = 0;

    for (const xmlNode *i = hardware->children; i; i = i->next) {
        if (!(xml_is(i, "Item") || xml_is(i, "EthernetPortItem")) ||
            ovf_number(i, "ResourceType") != TYPE_NIC)
            continue;
        if (n == GUEST_NICS_MAX)
            return error_set(
                err, E2BIG, "more than %d network cards", GUEST_NICS_MAX);
        items[n] = (struct card_item){i, ovf_number(i, "AddressOnParent"), n};
        n++;
    }
    if (n > 0)
        qsort(items, n, sizeof *items, by_place);
    for (size_t i = 0; i < n; i++) {
        struct guest_nic *nic = guest_add_nic(ret, err);

        if (!nic)
            return -1;
        nic->mac = take_mac(ovf_content(items[i].node, "Address"));
        nic->network = ovf_content(items[i].node, "Connection");
        if (nic->network && !nic->network[0])
            free(steal_pointer(&nic->network));
        nic->is_network_foreign = nic->network;
        if (read_slot(items[i].node, nic, (unsigned)i, err) < 0)
            return -1;
    }
    return 0;
}

/* VirtualBox lists its adapters, of which those in use are Items as well, in
 * its own element. */
static int
read_adapters(const xmlNode *system, struct guest *ret, struct error *err)
{
    const xmlNode *machine = xml_child(system, "Machine");
    const xmlNode *hardware = xml_child(machine, "Hardware");
    const xmlNode *network = xml_child(hardware, "Network");
    size_t n = 0;

    for (const xmlNode *i = network ? network->children : NULL; i;
         i = i->next) {
        cleanup_free char *slot = xml_attribute(i, "slot");
        cleanup_free char *enabled = xml_attribute(i, "enabled");

        if (!xml_is(i, "Adapter") || !enabled || !str_equal(enabled, "true"))
            continue;
        if (n == ret->n_nics)
            return 0;

        struct guest_nic *nic = &ret->nics[n++];
        char *mac = take_mac(xml_attribute(i, "MACAddress"));
        if (nic->mac)
            free(mac);
        else
            nic->mac = mac;
        if (slot && isdigit((unsigned char)slot[0]) &&
            nic_place_virtualbox(nic, (unsigned)strtoul(slot, NULL, 10), err) <
                0)
            return -1;
    }
    return 0;
}

/* --- the machine --- */

static int
read_item(const xmlNode *item, struct guest *ret, struct error *err)
{
    uint64_t quantity = ovf_number(item, "VirtualQuantity"), cores;

    switch (ovf_number(item, "ResourceType")) {
    case TYPE_CPU:
        if (quantity == 0 || quantity > 4096)
            return error_set(err, EINVAL, "invalid number of processors");
        ret->vcpus = (unsigned)quantity;
        cores = ovf_number(item, "CoresPerSocket");
        ret->cores = cores <= quantity ? (unsigned)cores : 0;
        return 0;
    case TYPE_MEMORY:
        return read_memory(item, ret, err);
    case TYPE_FLOPPY:
        ret->floppy_drives += ret->floppy_drives < FLOPPIES_MAX;
        return 0;
    case TYPE_CD:
    case TYPE_DVD:
        ret->cd_drives += ret->cd_drives < CDS_MAX;
        return 0;
    default:
        return 0;
    }
}

/* --- firmware --- */

static void
say_firmware(struct guest *ret, bool uefi)
{
    ret->firmware_said = true;
    ret->uefi = uefi;
}

/* VMware: <vmw:Config vmw:key="firmware" vmw:value="efi"/>, or ExtraConfig. */
static void
read_vmware(const xmlNode *hardware, struct guest *ret)
{
    static const char *const names[] = {"Config", "ExtraConfig"};

    for (size_t i = 0; i < N_ELEMENTS(names); i++) {
        const xmlNode *n = ovf_find(hardware, names[i], "key", "firmware");
        cleanup_free char *value = xml_attribute(n, "value");

        if (value && *value)
            say_firmware(ret, strcasecmp(value, "efi") == 0);
    }
}

/* VirtualBox: <vbox:Machine> ... <Firmware type="EFI64"/>, also below <BIOS>
 * or <Platform>. */
static const xmlNode *
find_below(const xmlNode *parent, const char *name, int depth)
{
    const xmlNode *found = xml_child(parent, name);

    for (const xmlNode *n = parent ? parent->children : NULL;
         n && !found && depth > 0; n = n->next)
        found = find_below(n, name, depth - 1);
    return found;
}

static void
read_virtualbox(const xmlNode *system, struct guest *ret)
{
    const xmlNode *n = find_below(xml_child(system, "Machine"), "Firmware", 3);
    cleanup_free char *type = xml_attribute(n, "type");

    if (type && *type)
        say_firmware(ret, strncasecmp(type, "EFI", 3) == 0);
}

/* XenCenter: <VirtualSystemOtherConfigurationData Name="HVM_boot_params"> with
 * "order=cd;firmware=uefi". */
static void
read_xen(const xmlNode *hardware, struct guest *ret)
{
    for (const xmlNode *n = hardware->children; n; n = n->next) {
        cleanup_free char *value =
            xml_is(n, "VirtualSystemOtherConfigurationData")
                ? ovf_content(n, "Value")
                : NULL;
        const char *firmware = value ? strstr(value, "firmware=") : NULL;

        if (firmware)
            say_firmware(ret, str_after(firmware, "firmware=uefi"));
    }
}

/* Hyper-V: generation 2 is UEFI. */
static void
read_hyperv(const xmlNode *hardware, struct guest *ret)
{
    static const char *const names[] = {
        "VirtualSystemSubType", "VirtualSystemType"};

    for (size_t i = 0; i < N_ELEMENTS(names); i++) {
        cleanup_free char *type =
            ovf_content(xml_child(hardware, "System"), names[i]);
        const char *sub = type ? strstr(type, "Hyper-V:SubType:") : NULL;

        if (sub)
            say_firmware(ret, sub[strlen("Hyper-V:SubType:")] == '2');
    }
}

/* VMware: <vmw:Config vmw:key="bootOptions.efiSecureBootEnabled" .../> */
static int
read_secure_boot(const xmlNode *hardware, struct guest *ret, struct error *err)
{
    const xmlNode *n =
        ovf_find(hardware, "Config", "key", "bootOptions.efiSecureBootEnabled");
    cleanup_free char *value = xml_attribute(n, "value");

    return value && strcasecmp(value, "true") == 0
               ? guest_note_secure_boot(ret, err)
               : 0;
}

static void
read_firmware(const xmlNode *system, const xmlNode *hardware, struct guest *ret)
{
    read_vmware(hardware, ret);
    read_virtualbox(system, ret);
    read_xen(hardware, ret);
    read_hyperv(hardware, ret);
}

static int
read_envelope(const xmlNode *envelope, struct guest *ret, struct error *err)
{
    const xmlNode *system = ovf_only_system(envelope, err);
    xmlNode *hardware = xml_child(system, "VirtualHardwareSection");

    if (!hardware)
        return err->code
                   ? -1
                   : error_set(err, EINVAL, "it does not describe a machine");
    if (ovf_choose_size(envelope, hardware, ret, err) < 0)
        return -1;
    ret->kind = GUEST_HVM;
    read_firmware(system, hardware, ret);
    if (!(ret->name = ovf_content(system, "Name")) &&
        !(ret->name = xml_attribute(system, "id")))
        return error_no_memory(err);
    for (xmlNode *n = hardware->children; n; n = n->next)
        if ((xml_is(n, "Item") || xml_is(n, "StorageItem") ||
                xml_is(n, "EthernetPortItem")) &&
            read_item(n, ret, err) < 0)
            return -1;
    if (read_secure_boot(hardware, ret, err) < 0 ||
        read_nics(hardware, ret, err) < 0 ||
        read_adapters(system, ret, err) < 0)
        return -1;
    return ovf_disks_read(envelope, system, ret, err);
}

int
ovf_read(const char *text, size_t size, struct guest *ret, struct error *err)
{
    xmlDoc *document = xml_parse(text, size, err);
    const xmlNode *envelope;
    int r;

    if (!document)
        return error_context(err, "its description");
    envelope = xmlDocGetRootElement(document);
    if (!envelope || !xml_is(envelope, "Envelope"))
        r = error_set(err, EINVAL, "its description is not OVF");
    else
        r = read_envelope(envelope, ret, err);
    if (r == 0 && xml_lacked_memory())
        r = error_no_memory(err);
    xmlFreeDoc(document);
    return r;
}
