/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "v2v/target/ovirt_ovf.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "v2v/target/target.h"

#define CIM "http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/"

/* oVirt's own numbers. */
enum {
    BIOS_Q35_SEABIOS = 1,
    BIOS_Q35_OVMF = 2,
    DISPLAY_VNC = 0,
    NIC_VIRTIO = 3,
    ORIGIN_XEN = 2,
    ORIGIN_PHYSICAL = 8,
    VM_SERVER = 1,
};

static const char nothing[] = "00000000-0000-0000-0000-000000000000";

static void
put_uint(struct xml_writer *x, const char *name, unsigned long long value)
{
    char text[24];

    snprintf(text, sizeof text, "%llu", value);
    put_attribute(x, name, text);
}

static void
put_section(struct xml_writer *x, const char *type, const char *info)
{
    put_start(x, "Section");
    put_attribute(x, "xsi:type", type);
    put_element(x, "Info", info);
}

static void
put_files(struct xml_writer *x, const struct ovirt_machine *m)
{
    put_start(x, "References");
    for (size_t i = 0; i < m->r->disks->n; i++) {
        const struct ovirt_disk *d = &m->disks[i];
        cleanup_free char *href = text_printf("%s/%s", d->image, d->volume);

        put_start(x, "File");
        put_attribute(x, "ovf:href", href ? href : "");
        put_attribute(x, "ovf:id", d->volume);
        put_uint(x, "ovf:size", m->r->disks->items[i].size);
        put_attribute(x, "ovf:description", "made by mayfly-v2v");
        put_end(x);
    }
    put_end(x);
}

/* Sizes are in GiB, rounded up. */
static void
put_disks(struct xml_writer *x, const struct ovirt_machine *m)
{
    const uint64_t gib = (uint64_t)1 << 30;

    put_section(x, "ovf:DiskSection_Type", "List of Virtual Disks");
    for (size_t i = 0; i < m->r->disks->n; i++) {
        const struct ovirt_disk *d = &m->disks[i];
        cleanup_free char *href = text_printf("%s/%s", d->image, d->volume);

        put_start(x, "Disk");
        put_attribute(x, "ovf:diskId", d->volume);
        put_uint(x, "ovf:size", (m->r->disks->items[i].size + gib - 1) / gib);
        put_uint(x, "ovf:actual_size", (d->used + gib - 1) / gib);
        put_attribute(x, "ovf:fileRef", href ? href : "");
        put_attribute(x, "ovf:parentRef", "");
        put_attribute(x, "ovf:vm_snapshot_id", d->image);
        put_attribute(x, "ovf:volume-format",
            str_equal(m->r->format, "raw") ? "RAW" : "COW");
        put_attribute(x, "ovf:volume-type", "Sparse");
        put_attribute(x, "ovf:format", "http://en.wikipedia.org/wiki/Byte");
        put_attribute(x, "ovf:disk-interface", "VirtIO");
        put_attribute(
            x, "ovf:disk-type", i == m->r->disks->boot ? "System" : "Data");
        put_attribute(x, "ovf:boot", i == m->r->disks->boot ? "True" : "False");
        put_end(x);
    }
    put_end(x);
}

static void
put_item(
    struct xml_writer *x, const char *caption, const char *id, unsigned type)
{
    put_start(x, "Item");
    put_element(x, "rasd:Caption", caption);
    put_element(x, "rasd:InstanceId", id);
    put_number(x, "rasd:ResourceType", type);
}

static void
put_disk_item(struct xml_writer *x, const struct ovirt_machine *m, size_t i)
{
    const struct ovirt_disk *d = &m->disks[i];
    cleanup_free char *caption = text_printf("Drive %zu", i + 1);
    cleanup_free char *resource = text_printf("%s/%s", d->image, d->volume);

    put_item(x, caption ? caption : "", d->volume, 17);
    put_element(x, "Type", "disk");
    put_element(x, "rasd:HostResource", resource ? resource : "");
    put_element(x, "rasd:Parent", nothing);
    put_element(x, "rasd:Template", nothing);
    put_element(x, "rasd:ApplicationList", "");
    put_element(x, "rasd:StorageId", nothing);
    put_element(x, "rasd:StoragePoolId", nothing);
    put_number(x, "BootOrder", i == 0 ? 1 : 0);
    put_end(x);
}

static void
put_nic_item(struct xml_writer *x, const struct guest_nic *nic, size_t i)
{
    cleanup_free char *name = text_printf("eth%zu", i);
    cleanup_free char *caption = text_printf(
        "Ethernet adapter on %s", nic->network ? nic->network : "default");

    put_item(x, caption ? caption : "", name ? name : "", 10);
    put_element(x, "Type", "interface");
    put_number(x, "rasd:ResourceSubType", NIC_VIRTIO);
    put_element(x, "rasd:Connection", nic->network ? nic->network : "default");
    put_element(x, "rasd:Name", name ? name : "");
    put_element(x, "rasd:MACAddress", nic->mac);
    put_end(x);
}

static void
put_hardware(struct xml_writer *x, const struct ovirt_machine *m)
{
    const struct guest *guest = m->r->guest;
    unsigned sockets = guest_sockets(guest) ? guest_sockets(guest) : 1;
    cleanup_free char *info = text_printf("%u CPU, %llu Memory", guest->vcpus,
        (unsigned long long)(guest->memory >> 20));

    put_section(x, "ovf:VirtualHardwareSection_Type", info ? info : "");
    put_item(x, "virtual processors", "1", 3);
    put_number(x, "rasd:num_of_sockets", sockets);
    put_number(x, "rasd:cpu_per_socket", guest->vcpus / sockets);
    put_end(x);
    put_item(x, "memory", "2", 4);
    put_element(x, "rasd:AllocationUnits", "MegaBytes");
    put_number(x, "rasd:VirtualQuantity", guest->memory >> 20);
    put_end(x);
    for (size_t i = 0; i < m->r->disks->n; i++)
        put_disk_item(x, m, i);
    for (size_t i = 0; i < guest->n_nics; i++)
        put_nic_item(x, &guest->nics[i], i);
    put_end(x);
}

static void
put_content(struct xml_writer *x, const struct ovirt_machine *m)
{
    const struct guest *guest = m->r->guest;
    char date[40] = "";
    time_t now = time(NULL);
    struct tm tm;

    if (gmtime_r(&now, &tm))
        strftime(date, sizeof date, "%Y/%m/%d %H:%M:%S", &tm);
    put_start(x, "Content");
    put_attribute(x, "ovf:id", "out");
    put_attribute(x, "xsi:type", "ovf:VirtualSystem_Type");
    put_element(x, "Name", guest->name);
    put_element(x, "TemplateId", nothing);
    put_element(x, "TemplateName", "Blank");
    put_element(x, "Description", "made by mayfly-v2v");
    put_element(x, "Domain", "");
    put_element(x, "CreationDate", date);
    /* The name is oVirt's. */
    put_element(x, "IsInitilized", "True");
    put_element(x, "IsAutoSuspend", "False");
    put_element(x, "TimeZone", "");
    put_element(x, "IsStateless", "False");
    put_number(x, "Origin",
        guest->kind == GUEST_PV || guest->kind == GUEST_PVH ? ORIGIN_XEN
                                                            : ORIGIN_PHYSICAL);
    put_number(x, "VmType", VM_SERVER);
    put_number(x, "DefaultDisplayType", DISPLAY_VNC);
    put_number(x, "BiosType", guest->uefi ? BIOS_Q35_OVMF : BIOS_Q35_SEABIOS);
    put_start(x, "Section");
    put_attribute(x, "ovf:id", m->uuid);
    put_attribute(x, "ovf:required", "false");
    put_attribute(x, "xsi:type", "ovf:OperatingSystemSection_Type");
    put_element(x, "Info", m->r->root->product_name);
    put_element(x, "Description",
        str_equal(m->r->root->type, "linux") ? "OtherLinux" : "Other");
    put_end(x);
    put_hardware(x, m);
    put_end(x);
}

void
ovirt_ovf_put(struct xml_writer *x, const void *machine)
{
    const struct ovirt_machine *m = machine;

    put_start(x, "ovf:Envelope");
    put_attribute(x, "xmlns:rasd", CIM "CIM_ResourceAllocationSettingData");
    put_attribute(x, "xmlns:vssd", CIM "CIM_VirtualSystemSettingData");
    put_attribute(x, "xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance");
    put_attribute(x, "xmlns:ovf", "http://schemas.dmtf.org/ovf/envelope/1/");
    put_attribute(x, "ovf:version", "0.9");
    put_files(x, m);
    put_section(x, "ovf:NetworkSection_Type", "List of networks");
    put_leaf(x, "Network", "ovf:name", "Network 1");
    put_end(x);
    put_disks(x, m);
    put_content(x, m);
    put_end(x);
}
