/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "v2v/target/ovf.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "v2v/target/target.h"

#define DMTF "http://schemas.dmtf.org/"
#define CIM  DMTF "wbem/wscim/1/cim-schema/2/"

/* CIM's numbers for rasd:ResourceType. */
enum {
    TYPE_CPU = 3,
    TYPE_MEMORY = 4,
    TYPE_SCSI = 6,
    TYPE_NIC = 10,
    TYPE_DISK = 17,
};

enum { ID_CPU = 1, ID_MEMORY, ID_SCSI, ID_OTHERS };

/* CIM's numbers for systems: 64-bit Linux, and any other. */
static const char linux_64[] = "101", other[] = "1";

static void
put_info(struct xml_writer *x, const char *text)
{
    put_element(x, "Info", text);
}

static const char *
network_of(const struct guest_nic *nic)
{
    return nic->network ? nic->network : "default";
}

/* --- outside the machine --- */

static void
put_files(
    struct xml_writer *x, const struct result *r, const struct ovf_disk *disks)
{
    put_start(x, "References");
    for (size_t i = 0; i < r->disks->n; i++) {
        cleanup_free char *id = text_printf("file%zu", i);
        cleanup_free char *size =
            text_printf("%llu", (unsigned long long)disks[i].size);

        put_start(x, "File");
        put_attribute(x, "ovf:href", disks[i].href);
        put_attribute(x, "ovf:id", id ? id : "");
        put_attribute(x, "ovf:size", size ? size : "");
        put_end(x);
    }
    put_end(x);
}

static void
put_disk_section(struct xml_writer *x, const struct result *r)
{
    put_start(x, "DiskSection");
    put_info(x, "Disks");
    for (size_t i = 0; i < r->disks->n; i++) {
        cleanup_free char *id = text_printf("disk%zu", i);
        cleanup_free char *file = text_printf("file%zu", i);
        cleanup_free char *size =
            text_printf("%llu", (unsigned long long)r->disks->items[i].size);

        put_start(x, "Disk");
        put_attribute(x, "ovf:capacity", size ? size : "");
        put_attribute(x, "ovf:diskId", id ? id : "");
        put_attribute(x, "ovf:fileRef", file ? file : "");
        put_attribute(x, "ovf:format",
            "http://www.vmware.com/interfaces/specifications/vmdk.html"
            "#streamOptimized");
        put_end(x);
    }
    put_end(x);
}

static void
put_networks(struct xml_writer *x, const struct guest *guest)
{
    if (guest->n_nics == 0)
        return;
    put_start(x, "NetworkSection");
    put_info(x, "Networks");
    for (size_t i = 0; i < guest->n_nics; i++) {
        bool listed = false;

        for (size_t k = 0; k < i; k++)
            listed |= str_equal(
                network_of(&guest->nics[k]), network_of(&guest->nics[i]));
        if (listed)
            continue;
        put_start(x, "Network");
        put_attribute(x, "ovf:name", network_of(&guest->nics[i]));
        put_end(x);
    }
    put_end(x);
}

/* --- the machine; the schema requires this order --- */

static void
put_cpu(struct xml_writer *x, const struct guest *guest)
{
    put_start(x, "Item");
    put_element(x, "rasd:ElementName", "processors");
    put_number(x, "rasd:InstanceID", ID_CPU);
    put_number(x, "rasd:ResourceType", TYPE_CPU);
    put_number(x, "rasd:VirtualQuantity", guest->vcpus);
    put_end(x);
}

static void
put_memory(struct xml_writer *x, const struct guest *guest)
{
    put_start(x, "Item");
    put_element(x, "rasd:AllocationUnits", "byte * 2^20");
    put_element(x, "rasd:ElementName", "memory");
    put_number(x, "rasd:InstanceID", ID_MEMORY);
    put_number(x, "rasd:ResourceType", TYPE_MEMORY);
    put_number(x, "rasd:VirtualQuantity", guest->memory >> 20);
    put_end(x);
}

static void
put_controller(struct xml_writer *x)
{
    put_start(x, "Item");
    put_number(x, "rasd:Address", 0);
    put_element(x, "rasd:ElementName", "disk controller");
    put_number(x, "rasd:InstanceID", ID_SCSI);
    put_element(x, "rasd:ResourceSubType", "lsilogic");
    put_number(x, "rasd:ResourceType", TYPE_SCSI);
    put_end(x);
}

static void
put_disk(struct xml_writer *x, size_t i)
{
    cleanup_free char *resource = text_printf("ovf:/disk/disk%zu", i);

    put_start(x, "Item");
    put_number(x, "rasd:AddressOnParent", i);
    put_element(x, "rasd:ElementName", "disk");
    put_element(x, "rasd:HostResource", resource ? resource : "");
    put_number(x, "rasd:InstanceID", ID_OTHERS + i);
    put_number(x, "rasd:Parent", ID_SCSI);
    put_number(x, "rasd:ResourceType", TYPE_DISK);
    put_end(x);
}

static void
put_nic(struct xml_writer *x, const struct result *r, size_t i)
{
    const struct guest_nic *nic = &r->guest->nics[i];

    put_start(x, "Item");
    put_element(x, "rasd:Address", nic->mac);
    put_element(x, "rasd:AutomaticAllocation", "true");
    put_element(x, "rasd:Connection", network_of(nic));
    put_element(x, "rasd:ElementName", "network card");
    put_number(x, "rasd:InstanceID", ID_OTHERS + r->disks->n + i);
    put_element(x, "rasd:ResourceSubType", "E1000");
    put_number(x, "rasd:ResourceType", TYPE_NIC);
    put_end(x);
}

static void
put_hardware(struct xml_writer *x, const struct result *r)
{
    put_start(x, "VirtualHardwareSection");
    put_info(x, "Hardware");
    put_start(x, "System");
    put_element(x, "vssd:ElementName", "hardware family");
    put_number(x, "vssd:InstanceID", 0);
    put_element(x, "vssd:VirtualSystemIdentifier", r->guest->name);
    put_element(x, "vssd:VirtualSystemType", "vmx-13");
    put_end(x);
    put_cpu(x, r->guest);
    put_memory(x, r->guest);
    put_controller(x);
    for (size_t i = 0; i < r->disks->n; i++)
        put_disk(x, i);
    for (size_t i = 0; i < r->guest->n_nics; i++)
        put_nic(x, r, i);
    if (r->guest->uefi) {
        put_start(x, "vmw:Config");
        put_attribute(x, "ovf:required", "false");
        put_attribute(x, "vmw:key", "firmware");
        put_attribute(x, "vmw:value", "efi");
        put_end(x);
    }
    put_end(x);
}

static void
put_system(struct xml_writer *x, const struct result *r)
{
    put_start(x, "VirtualSystem");
    put_attribute(x, "ovf:id", r->guest->name);
    put_info(x, "A machine");
    put_element(x, "Name", r->guest->name);
    put_start(x, "OperatingSystemSection");
    put_attribute(
        x, "ovf:id", str_equal(r->root->type, "linux") ? linux_64 : other);
    put_info(x, "The system");
    put_element(x, "Description", r->root->product_name);
    put_end(x);
    put_hardware(x, r);
    put_end(x);
}

void
ovf_put(
    struct xml_writer *x, const struct result *r, const struct ovf_disk *disks)
{
    put_start(x, "Envelope");
    put_attribute(x, "xmlns", DMTF "ovf/envelope/1");
    put_attribute(x, "xmlns:ovf", DMTF "ovf/envelope/1");
    put_attribute(x, "xmlns:rasd", CIM "CIM_ResourceAllocationSettingData");
    put_attribute(x, "xmlns:vssd", CIM "CIM_VirtualSystemSettingData");
    put_attribute(x, "xmlns:vmw", "http://www.vmware.com/schema/ovf");
    put_files(x, r, disks);
    put_disk_section(x, r);
    put_networks(x, r->guest);
    put_system(x, r);
    put_end(x);
}
