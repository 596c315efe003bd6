/* SPDX-License-Identifier: GPL-2.0-or-later */
/* -i libvirtxml: the XML of a libvirt domain, for Xen or any other
 * hypervisor. */
#include <config.h>

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/strv.h"
#include "base/xml.h"
#include "domain/disks.h"
#include "v2v/machine/device_name.h"
#include "v2v/machine/nic_place.h"
#include "v2v/source/libvirt_xml.h"
#include "v2v/source/source.h"

enum {
    XML_MAX = 1 << 20,
    LEFT_OUT_MAX = 32, /* kinds of devices that are named */
};

static const uint64_t memory_max = (uint64_t)1 << 44;

static bool
attribute_is(const xmlNode *node, const char *name, const char *value)
{
    cleanup_free char *text = xml_attribute(node, name);

    return text && str_equal(text, value);
}

/* --- memory and processors --- */

/* The bytes of a libvirt unit; KiB if none is given. */
static uint64_t
unit_size(const char *unit)
{
    static const struct {
        const char *name;
        uint64_t size;
    } units[] = {
        {"b", 1},
        {"bytes", 1},
        {"KB", 1000},
        {"k", 1024},
        {"KiB", 1024},
        {"MB", 1000000},
        {"M", 1 << 20},
        {"MiB", 1 << 20},
        {"GB", 1000000000},
        {"G", 1 << 30},
        {"GiB", 1 << 30},
        {"TB", 1000000000000},
        {"T", (uint64_t)1 << 40},
        {"TiB", (uint64_t)1 << 40},
    };

    for (size_t i = 0; i < N_ELEMENTS(units); i++)
        if (!unit || str_equal(unit, units[i].name))
            return unit ? units[i].size : 1024;
    return 0;
}

static int
read_memory(const xmlNode *domain, struct guest *ret, struct error *err)
{
    const xmlNode *node = xml_child(domain, "currentMemory");

    if (!node)
        node = xml_child(domain, "memory");
    if (!node)
        return 0;

    cleanup_free char *text = xml_content(node),
                      *unit = xml_attribute(node, "unit");
    char *end = NULL;
    uint64_t size = unit_size(unit);
    uint64_t value = text ? strtoull(text, &end, 10) : 0;

    if (!text || !isdigit((unsigned char)text[0]) || *end || !size || !value ||
        value > memory_max / size)
        return error_set(err, EINVAL, "invalid memory size '%s %s'",
            text ? text : "", unit ? unit : "KiB");
    ret->memory = value * size;
    return 0;
}

static int
read_vcpus(const xmlNode *domain, struct guest *ret, struct error *err)
{
    cleanup_free char *text = xml_content(xml_child(domain, "vcpu"));
    char *end = text;
    unsigned long n = text ? strtoul(text, &end, 10) : 0;

    if (text && (n == 0 || n > 4096 || end[strspn(end, " \t\r\n")] != 0))
        return error_set(
            err, EINVAL, "invalid number of processors '%s'", text);
    ret->vcpus = (unsigned)n;
    return 0;
}

/* --- what boots --- */

static int
read_os(const xmlNode *domain, struct guest *ret, struct error *err)
{
    const xmlNode *os = xml_child(domain, "os"),
                  *loader = xml_child(os, "loader");
    cleanup_free char *type = xml_content(xml_child(os, "type"));

    if (!os || !type)
        return error_set(err, EINVAL, "it has no <os> with a <type>");
    if (str_equal(type, "hvm"))
        ret->kind = GUEST_HVM;
    else if (str_equal(type, "linux") || str_equal(type, "xen"))
        ret->kind = GUEST_PV;
    else if (str_equal(type, "xenpvh"))
        ret->kind = GUEST_PVH;
    else
        return error_set(
            err, ENOTSUP, "machine type '%s' is not supported", type);

    cleanup_free char *path = xml_content(loader);
    ret->uefi = attribute_is(os, "firmware", "efi") ||
                attribute_is(loader, "type", "pflash") ||
                (path && strcasestr(path, "ovmf"));
    ret->firmware_said = ret->uefi || attribute_is(os, "firmware", "bios") ||
                         attribute_is(loader, "type", "rom");
    ret->kernel = xml_content(xml_child(os, "kernel"));
    ret->ramdisk = xml_content(xml_child(os, "initrd"));
    ret->cmdline = xml_content(xml_child(os, "cmdline"));
    ret->bootloader = xml_content(xml_child(domain, "bootloader"));
    /* Old configurations name the firmware of a Xen HVM guest as its kernel. */
    if (ret->kernel && ret->kind == GUEST_HVM &&
        strstr(ret->kernel, "hvmloader"))
        free(steal_pointer(&ret->kernel));
    return 0;
}

/* --- devices --- */

/* As QEMU calls it. */
static char *
qemu_format(const char *name)
{
    if (!name)
        return NULL;
    return strdup(str_equal(name, "aio")   ? "raw"
                  : str_equal(name, "vhd") ? "vpc"
                                           : name);
}

static bool
is_of_this_host(const char *type)
{
    return !type || str_equal(type, "file") || str_equal(type, "block");
}

static int
read_disk(const xmlNode *node, struct guest *ret, struct error *err)
{
    struct guest_disk *disk = guest_add_disk(ret, err);
    cleanup_domain_disk struct domain_disk source = {0};
    cleanup_free char *device = xml_attribute(node, "device");
    cleanup_free char *type = xml_attribute(node, "type");

    if (!disk)
        return -1;
    disk->name = xml_attribute(xml_child(node, "target"), "dev");
    disk->removable =
        device && !str_equal(device, "disk") && !str_equal(device, "lun");
    disk->read_only = disk->removable || xml_child(node, "readonly");
    ret->cd_drives += disk->removable && str_equal(device, "cdrom");
    ret->floppy_drives += disk->removable && str_equal(device, "floppy");
    if (disk->removable)
        return 0;
    if (is_of_this_host(type) && domain_disk_read(node, &source, err) < 0)
        return -1;
    if (!source.filename)
        return error_set(err, ENOTSUP,
            "disk %s is of type '%s'; give one that is a file or a block "
            "device here",
            disk->name ? disk->name : "without a name",
            type ? type : "unknown");
    disk->path = steal_pointer(&source.filename);
    disk->format = qemu_format(source.format);
    return 0;
}

/* A number in C's notation; 0 if there is none. */
static unsigned
number_of(const xmlNode *node, const char *name)
{
    cleanup_free char *text = xml_attribute(node, name);
    unsigned long n = text ? strtoul(text, NULL, 0) : 0;

    return n <= UINT16_MAX ? (unsigned)n : 0;
}

/* The place on which the guest's name for the card depends. */
static int
read_place(const xmlNode *node, struct guest_nic *nic, struct error *err)
{
    const xmlNode *address = xml_child(node, "address");

    if (nic_place_onboard(
            nic, number_of(xml_child(node, "acpi"), "index"), err) < 0)
        return -1;
    if (!attribute_is(address, "type", "pci"))
        return 0;
    return nic_place_pci(nic, number_of(address, "domain"),
        number_of(address, "bus") & 255, number_of(address, "slot") & 31,
        number_of(address, "function") & 7, err);
}

static int
read_nic(const xmlNode *node, struct guest *ret, struct error *err)
{
    struct guest_nic *nic = guest_add_nic(ret, err);
    const xmlNode *source = xml_child(node, "source");

    if (!nic)
        return -1;
    nic->mac = xml_attribute(xml_child(node, "mac"), "address");
    nic->network = xml_attribute(source, "bridge");
    nic->is_bridge = nic->network;
    if (!nic->network)
        nic->network = xml_attribute(source, "network");
    return read_place(node, nic, err);
}

/* Xen's cards are counted; a VMware machine's XML does not have the places. */
static int
count_nics(const xmlNode *domain, struct guest *ret, struct error *err)
{
    if (!attribute_is(domain, "type", "xen"))
        return 0;
    for (size_t i = 0; i < ret->n_nics; i++)
        if (nic_place_xen(&ret->nics[i], (unsigned)i, err) < 0)
            return -1;
    return 0;
}

/* Devices that the new machine does not have are named, once for each kind. */
static int
tell_left_out(const xmlNode *devices, struct guest *ret, struct error *err)
{
    /* Read above; or the new machine has its own. */
    static const char *const known[] = {"disk", "interface", "tpm", "sound",
        "audio", "emulator", "controller", "hub", "input", "graphics", "video",
        "console", "channel", "rng", "memballoon", "panic"};
    cleanup_strv char **told = NULL;
    unsigned serials = 0;

    for (xmlNode *n = devices ? devices->children : NULL; n; n = n->next) {
        const char *name = (const char *)n->name;
        bool seen = n->type != XML_ELEMENT_NODE ||
                    (xml_is(n, "serial") && serials++ == 0);

        for (size_t i = 0; i < N_ELEMENTS(known); i++)
            seen |= xml_is(n, known[i]);
        if (seen || (told && strv_contains(told, name)))
            continue;
        if (strv_append(&told, name) < 0)
            return error_no_memory(err);
        if (strv_length(told) > LEFT_OUT_MAX)
            return 0;
        if (guest_note(ret, err,
                "the device <%s> of the domain is left out; add it to the new "
                "machine if the guest needs it",
                name) < 0)
            return -1;
    }
    return 0;
}

static int
read_sound(const xmlNode *node, struct guest *ret, struct error *err)
{
    cleanup_free char *model = xml_attribute(node, "model");

    return model ? guest_set_sound(ret, model, err) : 0;
}

static int
read_devices(const xmlNode *domain, struct guest *ret, struct error *err)
{
    const xmlNode *devices = xml_child(domain, "devices");

    for (xmlNode *n = devices ? devices->children : NULL; n; n = n->next) {
        if (xml_is(n, "disk") && read_disk(n, ret, err) < 0)
            return -1;
        if (xml_is(n, "interface") && read_nic(n, ret, err) < 0)
            return -1;
        if (xml_is(n, "tpm") && guest_note_tpm(ret, err) < 0)
            return -1;
        if (xml_is(n, "sound") && read_sound(n, ret, err) < 0)
            return -1;
    }
    return tell_left_out(devices, ret, err);
}

/* The part of a name before its letters; 0: Xen's, which is literal, or another
 * that does not count. */
static size_t
bus_length(const struct guest_disk *disk)
{
    static const char *const buses[] = {"vd", "sd", "hd"};

    for (size_t i = 0; i < N_ELEMENTS(buses); i++)
        if (!disk->removable && disk->name && str_after(disk->name, buses[i]))
            return 2;
    return 0;
}

static int
compare_names(const char *a, const char *b)
{
    size_t n = strlen(a), m = strlen(b);

    return n == m ? strcmp(a, b) : n < m ? -1 : 1;
}

/* A target's letters only say the order: a guest with vdb and vdd calls them
 * vda and vdb, and a CD among them has no letter. */
static int
count_names(struct guest *guest, struct error *err)
{
    char *names[GUEST_DISKS_MAX] = {0};
    int r = 0;

    for (size_t i = 0; i < guest->n_disks; i++) {
        const struct guest_disk *d = &guest->disks[i];
        size_t n = bus_length(d);
        char letters[DEVICE_LETTERS];
        unsigned rank = 0;

        for (size_t k = 0; n && k < guest->n_disks; k++) {
            const struct guest_disk *other = &guest->disks[k];

            rank += bus_length(other) &&
                    strncmp(other->name, d->name, n) == 0 &&
                    compare_names(other->name, d->name) < 0;
        }
        device_letters(rank, letters);
        if (n && !(names[i] = text_printf("%.*s%s", (int)n, d->name, letters)))
            r = error_no_memory(err);
    }
    for (size_t i = 0; i < guest->n_disks; i++) {
        if (!names[i])
            continue;
        free(guest->disks[i].name);
        guest->disks[i].name = names[i];
    }
    return r;
}

/* <cpu><topology sockets="1" cores="4" threads="2"/></cpu>, in newer ones with
 * dies and clusters, which are full of cores. */
static void
read_topology(const xmlNode *domain, struct guest *ret)
{
    static const char *const inside[] = {"dies", "clusters", "cores"};
    const xmlNode *node = xml_child(xml_child(domain, "cpu"), "topology");
    unsigned cores = 1;

    if (!node)
        return;
    for (size_t i = 0; i < N_ELEMENTS(inside); i++) {
        unsigned n = number_of(node, inside[i]);

        if (n > 1)
            cores *= n & 0xfff;
    }
    ret->cores = cores <= 4096 ? cores : 0;
    ret->threads = number_of(node, "threads") & 0xfff;

    /* As libvirt counts: no <vcpu> is as many as the topology has. */
    uint64_t all = (uint64_t)(number_of(node, "sockets") & 0xfff) * ret->cores *
                   (ret->threads ? ret->threads : 1);
    if (!ret->vcpus && all <= 4096)
        ret->vcpus = (unsigned)all;
}

static int
read_domain(const xmlNode *domain, struct guest *ret, struct error *err)
{
    if (!domain || !xml_is(domain, "domain"))
        return error_set(err, EINVAL, "it is not a libvirt <domain>");
    if (!(ret->name = xml_content(xml_child(domain, "name"))))
        return error_set(err, EINVAL, "the domain has no name");
    ret->uuid = xml_content(xml_child(domain, "uuid"));
    if (read_memory(domain, ret, err) < 0 || read_vcpus(domain, ret, err) < 0 ||
        read_os(domain, ret, err) < 0 || read_devices(domain, ret, err) < 0)
        return -1;
    read_topology(domain, ret);
    if (attribute_is(
            xml_child(xml_child(domain, "os"), "loader"), "secure", "yes") &&
        guest_note_secure_boot(ret, err) < 0)
        return -1;
    if (!attribute_is(domain, "type", "xen") && count_names(ret, err) < 0)
        return -1;
    return count_nics(domain, ret, err);
}

int
libvirt_xml_read(const char *text, size_t size, struct guest *ret,
    bool *ret_running, struct error *err)
{
    xmlDoc *document = xml_parse(text, size, err);
    const xmlNode *domain;
    int r;

    if (!document)
        return -1;
    domain = xmlDocGetRootElement(document);
    cleanup_free char *id = xml_attribute(domain, "id");
    *ret_running = id;
    r = read_domain(domain, ret, err);
    xmlFreeDoc(document);
    return r;
}

static int
read_libvirt_xml(
    char *const *words, size_t n_words, struct guest *ret, struct error *err)
{
    size_t size;
    bool is_running; /* when the file was made */

    (void)n_words;
    cleanup_free char *text = read_file(words[0], XML_MAX, &size, err);
    if (!text)
        return -1;
    return libvirt_xml_read(text, size, ret, &is_running, err) < 0
               ? error_context(err, "%s", words[0])
               : 0;
}

const struct source source_libvirt_xml = {
    .name = "libvirtxml",
    .help = "FILE: the XML of a libvirt domain (virsh dumpxml)",
    .read = read_libvirt_xml,
};
