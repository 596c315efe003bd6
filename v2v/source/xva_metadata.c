/* SPDX-License-Identifier: GPL-2.0-or-later */
/* It is an XML-RPC value: a struct with the host's version and a list of
 * objects.  Each object is a struct of its class, its name in this file
 * ("Ref:4") and its fields.  Objects refer to each other by these names.
 *
 *     VM -> VBDs -> VBD -> VDI -> the folder with the disk
 *        -> VIFs -> VIF -> network */
#include <config.h>

#include "v2v/source/xva_metadata.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "base/xml.h"
#include "v2v/machine/nic_place.h"
#include "v2v/source/xl_disk.h"

enum { OBJECTS_MAX = 1 << 16 };

/* --- XML-RPC --- */

/* The <value> of a member of the struct in VALUE. */
static xmlNode *
member(const xmlNode *value, const char *name)
{
    const xmlNode *all = xml_child(value, "struct");

    for (xmlNode *n = all ? all->children : NULL; n; n = n->next) {
        cleanup_free char *found = xml_content(xml_child(n, "name"));

        if (found && str_equal(found, name))
            return xml_child(n, "value");
    }
    return NULL;
}

static char *
field(const xmlNode *fields, const char *name)
{
    return xml_content(member(fields, name));
}

static bool
field_is_true(const xmlNode *fields, const char *name)
{
    cleanup_free char *text = field(fields, name);

    return text && (str_equal(text, "1") || str_equal(text, "true"));
}

/* The first of the values of an array. */
static xmlNode *
items(const xmlNode *value)
{
    return xml_child(xml_child(xml_child(value, "array"), "data"), "value");
}

static xmlNode *
next_item(const xmlNode *item)
{
    for (xmlNode *n = item->next; n; n = n->next)
        if (n->type == XML_ELEMENT_NODE)
            return n;
    return NULL;
}

static int
number(const xmlNode *fields, const char *name, uint64_t max, uint64_t *ret,
    struct error *err)
{
    cleanup_free char *text = field(fields, name);
    char *end = NULL;

    errno = 0;
    *ret =
        text && isdigit((unsigned char)text[0]) ? strtoull(text, &end, 10) : 0;
    if (!end || *end || errno || *ret > max)
        return error_set(err, EINVAL, "%s is '%s'", name, text ? text : "");
    return 0;
}

/* --- objects --- */

/* The state of the reader. */
struct metadata {
    const xmlNode *objects; /* the array */
    struct guest *guest;
    struct error *err;
};

/* The fields of the object ID of that class. */
static const xmlNode *
find(const struct metadata *m, const char *class, const char *id)
{
    for (const xmlNode *o = items(m->objects); o; o = next_item(o)) {
        cleanup_free char *has_class = field(o, "class");
        cleanup_free char *has_id = field(o, "id");

        if (has_class && has_id && str_equal(has_class, class) &&
            str_equal(has_id, id))
            return member(o, "snapshot");
    }
    return NULL;
}

static const xmlNode *
follow(const struct metadata *m, const xmlNode *fields, const char *name,
    const char *class, char **ret_id)
{
    cleanup_free char *id = field(fields, name);
    const xmlNode *found = id ? find(m, class, id) : NULL;

    if (found && ret_id)
        *ret_id = steal_pointer(&id);
    return found;
}

/* The one machine; templates and snapshots do not count. */
static int
find_machine(const struct metadata *m, const xmlNode **ret)
{
    size_t n = 0;

    *ret = NULL;
    for (const xmlNode *o = items(m->objects); o; o = next_item(o)) {
        cleanup_free char *class = field(o, "class");
        const xmlNode *fields = member(o, "snapshot");

        if (++n > OBJECTS_MAX)
            return error_set(m->err, E2BIG, "it has too many objects");
        if (!class || !str_equal(class, "VM") ||
            field_is_true(fields, "is_a_snapshot") ||
            field_is_true(fields, "is_a_template"))
            continue;
        if (*ret)
            return error_set(m->err, ENOTSUP, "it holds more than one machine");
        *ret = fields;
    }
    return *ret ? 0 : error_set(m->err, EINVAL, "it does not hold a machine");
}

/* --- the machine --- */

static bool
is_hvm(const xmlNode *vm, const char *domain)
{
    cleanup_free char *policy = field(vm, "HVM_boot_policy");

    if (domain && !str_equal(domain, "unspecified") && domain[0])
        return str_equal(domain, "hvm");
    return policy && policy[0];
}

/* An empty field counts as missing. */
static char *
filled(const xmlNode *fields, const char *name)
{
    cleanup_free char *text = field(fields, name);

    return text && text[0] ? steal_pointer(&text) : NULL;
}

static int
read_machine(const struct metadata *m, const xmlNode *vm)
{
    struct guest *guest = m->guest;
    cleanup_free char *domain = field(vm, "domain_type");
    const xmlNode *boot = member(vm, "HVM_boot_params");
    const xmlNode *platform = member(vm, "platform");
    cleanup_free char *firmware = field(boot, "firmware");
    uint64_t vcpus;

    guest->name = field(vm, "name_label");
    guest->uuid = field(vm, "uuid");
    if (number(vm, "memory_dynamic_max", (uint64_t)1 << 44, &guest->memory,
            m->err) < 0 ||
        number(vm, "VCPUs_at_startup", 4096, &vcpus, m->err) < 0)
        return -1;
    guest->vcpus = (unsigned)vcpus;
    cleanup_free char *cores = field(platform, "cores-per-socket");
    cleanup_free char *secure = field(platform, "secureboot");
    unsigned long n = cores ? strtoul(cores, NULL, 10) : 0;
    guest->cores = n <= vcpus ? (unsigned)n : 0;
    if (secure && str_equal(secure, "true") &&
        guest_note_secure_boot(guest, m->err) < 0)
        return -1;
    guest->kind = is_hvm(vm, domain)                   ? GUEST_HVM
                  : domain && str_equal(domain, "pvh") ? GUEST_PVH
                                                       : GUEST_PV;
    guest->uefi = firmware && str_equal(firmware, "uefi");
    guest->firmware_said = firmware && *firmware;
    if (guest->kind != GUEST_HVM) {
        guest->kernel = filled(vm, "PV_kernel");
        guest->ramdisk = filled(vm, "PV_ramdisk");
        guest->cmdline = filled(vm, "PV_args");
        guest->bootloader = filled(vm, "PV_bootloader");
    }
    return 0;
}

/* The guest's name for a disk: "xvda", or derived from its position "0". */
static char *
disk_name(const xmlNode *vbd, struct error *err)
{
    cleanup_free char *device = filled(vbd, "device");
    cleanup_free char *place = filled(vbd, "userdevice");

    if (device)
        return xl_vdev_name(device, err);
    if (!place || place[strspn(place, "0123456789")]) {
        if (place)
            return xl_vdev_name(place, err);
        error_set(err, EINVAL, "a disk has no device name or position");
        return NULL;
    }
    cleanup_free char *numbered = text_printf("d%s", place);
    if (!numbered)
        return error_no_memory(err), NULL;
    return xl_vdev_name(numbered, err);
}

static int
read_disk(const struct metadata *m, const xmlNode *vbd)
{
    cleanup_free char *type = field(vbd, "type"), *mode = field(vbd, "mode");
    cleanup_free char *id = NULL;
    const xmlNode *vdi = follow(m, vbd, "VDI", "VDI", &id);

    if (type && str_equal(type, "CD"))
        m->guest->cd_drives++;
    if ((type && !str_equal(type, "Disk")) || field_is_true(vbd, "empty"))
        return 0;
    if (!vdi)
        return error_set(
            m->err, EINVAL, "a disk of the machine is not in the archive");
    if (strchr(id, '/') || strlen(id) > 64)
        return error_set(m->err, EINVAL, "a disk has a bad name");

    struct guest_disk *disk = guest_add_disk(m->guest, m->err);
    if (!disk)
        return -1;
    disk->member = steal_pointer(&id);
    disk->read_only = mode && str_equal(mode, "RO");
    disk->name = disk_name(vbd, m->err);
    if (!disk->name)
        return -1;
    return number(vdi, "virtual_size", (uint64_t)64 << 40, &disk->size, m->err);
}

static int
read_nic(const struct metadata *m, const xmlNode *vif)
{
    struct guest_nic *nic = guest_add_nic(m->guest, m->err);
    const xmlNode *network = follow(m, vif, "network", "network", NULL);

    if (!nic)
        return -1;
    nic->mac = filled(vif, "MAC");
    nic->network = filled(network, "bridge");
    nic->is_bridge = nic->network != NULL;

    cleanup_free char *device = filled(vif, "device");
    return device && isdigit((unsigned char)device[0])
               ? nic_place_xen(nic, (unsigned)strtoul(device, NULL, 10), m->err)
               : 0;
}

/* Read all objects in the machine's list NAME. */
static int
read_each(const struct metadata *m, const xmlNode *vm, const char *name,
    const char *class,
    int (*read)(const struct metadata *m, const xmlNode *fields))
{
    for (const xmlNode *i = items(member(vm, name)); i; i = next_item(i)) {
        cleanup_free char *id = xml_content(i);
        const xmlNode *fields = id ? find(m, class, id) : NULL;

        if (fields && read(m, fields) < 0)
            return -1;
    }
    return 0;
}

int
xva_metadata_read(
    const char *text, size_t size, struct guest *ret, struct error *err)
{
    xmlDoc *document = xml_parse(text, size, err);
    if (!document)
        return error_context(err, "ova.xml");

    const xmlNode *vm;
    const struct metadata m = {
        .objects = member(xmlDocGetRootElement(document), "objects"),
        .guest = ret,
        .err = err,
    };
    int r = find_machine(&m, &vm);
    if (r == 0)
        r = read_machine(&m, vm);
    if (r == 0)
        r = read_each(&m, vm, "VBDs", "VBD", read_disk);
    if (r == 0)
        r = read_each(&m, vm, "VIFs", "VIF", read_nic);
    xmlFreeDoc(document);
    return r;
}
