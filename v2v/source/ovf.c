/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Elements are matched by name without namespace: namespaces differ between the
 * versions, and everything else is much the same.
 *
 *     Item of type 17 -> HostResource "ovf:/disk/ID" -> Disk ID -> fileRef
 *         -> File id -> href, the name of the file */
#include <config.h>

#include "v2v/source/ovf.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "base/xml.h"

enum {
    TYPE_CPU = 3,
    TYPE_MEMORY = 4,
    TYPE_NIC = 10,
    TYPE_DISK = 17,
};

static char *
content(const xmlNode *parent, const char *name)
{
    return xml_content(xml_child(parent, name));
}

/* The child NAME of PARENT whose ATTRIBUTE has that value. */
static const xmlNode *
find(
    const xmlNode *parent, const char *name, const char *key, const char *value)
{
    for (xmlNode *n = parent ? parent->children : NULL; n; n = n->next) {
        cleanup_free char *has = xml_is(n, name) ? xml_attribute(n, key) : NULL;

        if (has && str_equal(has, value))
            return n;
    }
    return NULL;
}

/* --- numbers --- */

static uint64_t
number(const xmlNode *item, const char *name)
{
    cleanup_free char *text = content(item, name);

    return text && isdigit((unsigned char)text[0]) ? strtoull(text, NULL, 10)
                                                   : 0;
}

#define CAPACITY_MAX (UINT64_C(1) << 60)

/* "byte * 2^20", "MegaBytes", or nothing, which means the same. */
static unsigned
shift_of(const char *unit)
{
    if (!unit || strstr(unit, "2^20") || strcasestr(unit, "mega"))
        return 20;
    if (strstr(unit, "2^30") || strcasestr(unit, "giga"))
        return 30;
    if (strstr(unit, "2^10") || strcasestr(unit, "kilo"))
        return 10;
    return str_equal(unit, "byte") ? 0 : 20;
}

static int
read_memory(const xmlNode *item, struct guest *ret, struct error *err)
{
    cleanup_free char *unit = content(item, "AllocationUnits");
    uint64_t value = number(item, "VirtualQuantity");
    unsigned shift = shift_of(unit);

    if (value == 0 || value > ((uint64_t)1 << 44) >> shift)
        return error_set(err, EINVAL, "invalid memory size");
    ret->memory = value << shift;
    return 0;
}

/* --- disks --- */

/* In bytes; 0: not known. */
static uint64_t
read_capacity(const xmlNode *disk)
{
    cleanup_free char *text = xml_attribute(disk, "capacity");
    cleanup_free char *unit = xml_attribute(disk, "capacityAllocationUnits");
    unsigned shift = unit ? shift_of(unit) : 0;
    uint64_t n =
        text && isdigit((unsigned char)text[0]) ? strtoull(text, NULL, 10) : 0;

    return n > CAPACITY_MAX >> shift ? CAPACITY_MAX : n << shift;
}

/* Files are in the folder of the description; no name may lead out of it. */
static int
check_name(const char *href, struct error *err)
{
    if (!href[0] || strchr(href, '/') || str_equal(href, ".") ||
        str_equal(href, ".."))
        return error_set(err, EPERM,
            "the file of a disk, '%s', is not in the folder of the description",
            href);
    return 0;
}

static int
read_disk(const xmlNode *envelope, const xmlNode *item, struct guest *ret,
    struct error *err)
{
    cleanup_free char *resource = content(item, "HostResource");
    const char *id = resource ? strstr(resource, "disk/") : NULL;
    const xmlNode *disk = id ? find(xml_child(envelope, "DiskSection"), "Disk",
                                   "diskId", id + strlen("disk/"))
                             : NULL;
    cleanup_free char *reference = xml_attribute(disk, "fileRef");
    const xmlNode *file = reference ? find(xml_child(envelope, "References"),
                                          "File", "id", reference)
                                    : NULL;
    cleanup_free char *href = xml_attribute(file, "href");
    cleanup_free char *compression = xml_attribute(file, "compression");

    if (disk && !reference)
        return guest_note(ret, err, "an empty disk is left out");
    if (!href)
        return error_set(
            err, EINVAL, "a disk refers to a file that is not listed");
    if (check_name(href, err) < 0)
        return -1;
    bool gzipped = compression && str_equal(compression, "gzip");
    if (compression && compression[0] && !gzipped &&
        !str_equal(compression, "identity"))
        return error_set(err, ENOTSUP,
            "%s is compressed by '%s'; unpack it first", href, compression);

    struct guest_disk *d = guest_add_disk(ret, err);
    if (!d)
        return -1;
    d->member = steal_pointer(&href);
    d->gzipped = gzipped;
    d->size = read_capacity(disk);
    return 0;
}

static int
read_nic(const xmlNode *item, struct guest *ret, struct error *err)
{
    struct guest_nic *nic = guest_add_nic(ret, err);
    cleanup_free char *mac = content(item, "Address");

    if (!nic)
        return -1;
    if (mac && strlen(mac) == 17)
        nic->mac = steal_pointer(&mac);
    return 0;
}

/* --- the machine --- */

static int
read_item(const xmlNode *envelope, const xmlNode *item, struct guest *ret,
    struct error *err)
{
    uint64_t quantity = number(item, "VirtualQuantity");

    switch (number(item, "ResourceType")) {
    case TYPE_CPU:
        if (quantity == 0 || quantity > 4096)
            return error_set(err, EINVAL, "invalid number of processors");
        ret->vcpus = (unsigned)quantity;
        return 0;
    case TYPE_MEMORY:
        return read_memory(item, ret, err);
    case TYPE_NIC:
        return read_nic(item, ret, err);
    case TYPE_DISK:
        return read_disk(envelope, item, ret, err);
    default:
        return 0;
    }
}

/* VMware's own settings. */
static bool
is_efi(const xmlNode *hardware)
{
    const xmlNode *config = find(hardware, "Config", "key", "firmware");
    cleanup_free char *value = xml_attribute(config, "value");

    return value && str_equal(value, "efi");
}

static int
read_envelope(const xmlNode *envelope, struct guest *ret, struct error *err)
{
    const xmlNode *system = xml_child(envelope, "VirtualSystem");
    const xmlNode *hardware = xml_child(system, "VirtualHardwareSection");

    if (xml_child(envelope, "VirtualSystemCollection"))
        return error_set(err, ENOTSUP, "it describes more than one machine");
    if (!hardware)
        return error_set(err, EINVAL, "it does not describe a machine");
    ret->kind = GUEST_HVM;
    ret->uefi = is_efi(hardware);
    if (!(ret->name = content(system, "Name")) &&
        !(ret->name = xml_attribute(system, "id")))
        return error_no_memory(err);
    for (xmlNode *n = hardware->children; n; n = n->next)
        if ((xml_is(n, "Item") || xml_is(n, "StorageItem") ||
                xml_is(n, "EthernetPortItem")) &&
            read_item(envelope, n, ret, err) < 0)
            return -1;
    return 0;
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
    xmlFreeDoc(document);
    return r;
}
