/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The order of the items means nothing: a disk is where its controller and its
 * address there say.
 *
 *     Item of type 17 -> Parent -> Item with that InstanceID, a controller,
 *         whose Address counts those of its kind; AddressOnParent
 *     Item of type 17 -> HostResource "ovf:/disk/ID" -> Disk ID -> fileRef
 *         -> File id -> href, the URI of the file
 *
 * XenCenter and XCP-ng Center write items of type 19, with "device=N" in
 * Connection for the place, and may leave out HostResource: then InstanceID is
 * the ID of the disk. */
#include <config.h>

#include "v2v/source/ovf_disks.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "base/xml.h"
#include "v2v/machine/device_name.h"
#include "v2v/source/ovf_xml.h"
#include "v2v/source/reader.h"

enum {
    TYPE_IDE = 5,
    TYPE_SCSI = 6,
    TYPE_DISK = 17,
    TYPE_EXTENT = 19,
    TYPE_OTHER_STORAGE = 20,
    CONTROLLERS_MAX = 64,
};

/* In the order in which VMware's BIOS counts their disks. */
enum bus { BUS_SCSI, BUS_NVME, BUS_SATA, BUS_IDE, BUS_UNKNOWN };

struct place {
    enum bus bus;
    uint64_t controller, address;
    size_t item; /* the last thing to compare: where it stands */
};

struct slot {
    struct place place;
    const xmlNode *item;
    const xmlNode *disk; /* NULL: it names a file */
    const xmlNode *file; /* NULL: empty */
    bool left_out;       /* it only has its letter */
};

struct machine {
    const xmlNode *envelope, *hardware;
    bool ide_first; /* of VirtualBox */
    bool named;     /* the order of what is converted does not say all */
    struct slot slots[GUEST_DISKS_MAX];
    size_t n;
};

static bool
is_item(const xmlNode *n)
{
    return xml_is(n, "Item") || xml_is(n, "StorageItem");
}

/* --- places --- */

static enum bus
bus_of(const xmlNode *controller)
{
    cleanup_free char *kind = ovf_content(controller, "ResourceSubType");

    switch (ovf_number(controller, "ResourceType")) {
    case TYPE_SCSI:
        return BUS_SCSI;
    case TYPE_IDE:
        return BUS_IDE;
    default:
        return kind && strcasestr(kind, "nvme") ? BUS_NVME : BUS_SATA;
    }
}

static bool
is_controller(const xmlNode *n)
{
    uint64_t type = is_item(n) ? ovf_number(n, "ResourceType") : 0;

    return type == TYPE_IDE || type == TYPE_SCSI || type == TYPE_OTHER_STORAGE;
}

/* The drafts of OVF wrote InstanceId, and some programs still do. */
static char *
instance_of(const xmlNode *item)
{
    char *id = ovf_content(item, "InstanceID");

    return id ? id : ovf_content(item, "InstanceId");
}

static const xmlNode *
find_controller(const struct machine *m, const char *id)
{
    for (const xmlNode *n = m->hardware->children; id && n; n = n->next) {
        cleanup_free char *own = is_controller(n) ? instance_of(n) : NULL;

        if (own && str_equal(own, id))
            return n;
    }
    return NULL;
}

/* By its address; without one, by its place among those of its kind. */
static uint64_t
controller_index(const struct machine *m, const xmlNode *controller)
{
    cleanup_free char *address = ovf_content(controller, "Address");
    uint64_t index = 0;

    if (address && isdigit((unsigned char)address[0]))
        return strtoull(address, NULL, 10);
    for (const xmlNode *n = m->hardware->children; n != controller; n = n->next)
        index += is_controller(n) && bus_of(n) == bus_of(controller);
    return index;
}

/* "device=3,bootable=true" */
static bool
read_device(const xmlNode *item, uint64_t *ret)
{
    cleanup_free char *text = ovf_content(item, "Connection");
    const char *at = text ? strstr(text, "device=") : NULL;

    if (!at || !isdigit((unsigned char)at[7]))
        return false;
    *ret = strtoull(at + 7, NULL, 10);
    return true;
}

static void
find_place(struct machine *m, struct slot *s)
{
    cleanup_free char *parent = ovf_content(s->item, "Parent");
    const xmlNode *controller = find_controller(m, parent);

    s->place = (struct place){.bus = BUS_UNKNOWN, .item = m->n};
    if (controller) {
        s->place.bus = bus_of(controller);
        s->place.controller = controller_index(m, controller);
        s->place.address = ovf_number(s->item, "AddressOnParent");
    } else {
        read_device(s->item, &s->place.address);
    }
    m->named |= s->place.bus == BUS_NVME || s->left_out;
}

static int
compare(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

static int
by_place(const void *a, const void *b)
{
    const struct place *x = &((const struct slot *)a)->place,
                       *y = &((const struct slot *)b)->place;
    int r = compare(x->bus, y->bus);

    if (r == 0)
        r = compare(x->controller, y->controller);
    if (r == 0)
        r = compare(x->address, y->address);
    return r ? r : compare(x->item, y->item);
}

/* VirtualBox has the IDE controller before the others. */
static int
by_place_ide_first(const void *a, const void *b)
{
    enum bus x = ((const struct slot *)a)->place.bus,
             y = ((const struct slot *)b)->place.bus;

    return (x == BUS_IDE) != (y == BUS_IDE) ? (x == BUS_IDE ? -1 : 1)
                                            : by_place(a, b);
}

/* --- files --- */

/* In bytes; 0: not known. */
static uint64_t
read_capacity(const xmlNode *disk)
{
    static const uint64_t most = UINT64_C(1) << 60;
    cleanup_free char *text = xml_attribute(disk, "capacity");
    cleanup_free char *unit = xml_attribute(disk, "capacityAllocationUnits");
    uint64_t bytes = unit ? ovf_unit(unit) : 1;
    uint64_t n =
        text && isdigit((unsigned char)text[0]) ? strtoull(text, NULL, 10) : 0;

    return bytes == 0 ? 0 : n > most / bytes ? most : n * bytes;
}

/* Files are in the folder of the description; no name may lead out of it. */
static int
check_name(const char *name, struct error *err)
{
    if (!name[0] || strchr(name, '/') || str_equal(name, ".") ||
        str_equal(name, ".."))
        return error_set(err, EPERM,
            "the file of a disk, '%s', is not in the folder of the description",
            name);
    return 0;
}

static int
check_stored(
    const xmlNode *file, const char *href, bool *ret_gzipped, struct error *err)
{
    cleanup_free char *compression = xml_attribute(file, "compression");
    cleanup_free char *chunk = xml_attribute(file, "chunkSize");

    *ret_gzipped = compression && str_equal(compression, "gzip");
    if (chunk)
        return error_set(err, ENOTSUP,
            "%s is cut into several files (chunkSize); put them together, and "
            "remove that word from the description",
            href);
    if (compression && compression[0] && !*ret_gzipped &&
        !str_equal(compression, "identity"))
        return error_set(err, ENOTSUP,
            "%s is compressed by '%s'; unpack it first", href, compression);
    return 0;
}

/* A disk without a file has nothing on it yet. */
static int
add_blank(const struct slot *s, struct guest_disk *d, struct error *err)
{
    d->size = (read_capacity(s->disk) + 511) / 512 * 512;
    d->reader = &reader_blank;
    d->path = strdup("(an empty disk)");
    return d->path ? 0 : error_no_memory(err);
}

static int
add_disk(const struct slot *s, struct guest *ret, struct error *err)
{
    cleanup_free char *href = xml_attribute(s->file, "href");
    struct guest_disk *d = guest_add_disk(ret, err);
    bool gzipped = false;

    if (!d)
        return -1;
    if (!s->file)
        return add_blank(s, d, err);
    if (!href)
        return error_set(
            err, EINVAL, "a disk refers to a file that is not listed");

    const char *plain = str_after(href, "./");
    if (check_name(plain ? plain : href, err) < 0 ||
        check_stored(s->file, href, &gzipped, err) < 0)
        return -1;
    if (!(d->member = strdup(plain ? plain : href)))
        return error_no_memory(err);
    d->gzipped = gzipped;
    d->size = s->disk ? read_capacity(s->disk) : 0;
    return 0;
}

/* Where the item says what is in the disk. */
static void
find_disk(const struct machine *m, struct slot *s)
{
    const xmlNode *disks = xml_child(m->envelope, "DiskSection"),
                  *files = xml_child(m->envelope, "References");
    cleanup_free char *resource = ovf_content(s->item, "HostResource");
    cleanup_free char *own = instance_of(s->item);
    const char *id = resource ? strstr(resource, "disk/") : NULL;
    const char *file = resource ? strstr(resource, "file/") : NULL;

    if (id)
        s->disk = ovf_find(disks, "Disk", "diskId", id + strlen("disk/"));
    if (!s->disk && own)
        s->disk = ovf_find(disks, "Disk", "diskId", own);

    cleanup_free char *reference = xml_attribute(s->disk, "fileRef");
    if (reference)
        s->file = ovf_find(files, "File", "id", reference);
    else if (!s->disk && file)
        s->file = ovf_find(files, "File", "id", file + strlen("file/"));
}

static int
add_slot(struct machine *m, const xmlNode *item, struct guest *ret,
    struct error *err)
{
    struct slot s = {.item = item};

    if (m->n == GUEST_DISKS_MAX)
        return error_set(err, E2BIG, "more than %d disks", GUEST_DISKS_MAX);
    find_disk(m, &s);

    cleanup_free char *reference = xml_attribute(s.disk, "fileRef");
    if (!s.file && (!s.disk || reference))
        return error_set(
            err, EINVAL, "a disk refers to a file that is not listed");
    s.left_out = !s.file && read_capacity(s.disk) == 0;
    if (s.left_out &&
        guest_note(ret, err, "an empty disk of unknown size is left out") < 0)
        return -1;
    find_place(m, &s);
    m->slots[m->n++] = s;
    return 0;
}

/* Names that say more than the order: of Xen, and where disks of another kind
 * count on their own. */
static int
name_disks(
    const struct machine *m, size_t first, struct guest *ret, struct error *err)
{
    unsigned letter = 0;

    for (size_t i = 0, k = first; i < m->n; i++) {
        const struct slot *s = &m->slots[i];
        char letters[DEVICE_LETTERS];
        uint64_t device;

        if (s->left_out) {
            letter += s->place.bus != BUS_NVME;
            continue;
        }
        struct guest_disk *d = &ret->disks[k++];
        if (ovf_number(s->item, "ResourceType") == TYPE_EXTENT &&
            read_device(s->item, &device) && device < GUEST_DISKS_MAX) {
            device_letters((unsigned)device, letters);
            d->name = text_printf("xvd%s", letters);
        } else if (s->place.bus == BUS_NVME) {
            d->name = text_printf("nvme%llun%llu",
                (unsigned long long)s->place.controller,
                (unsigned long long)s->place.address + 1);
        } else if (m->named) {
            device_letters(letter++, letters);
            d->name = text_printf("sd%s", letters);
        } else {
            continue;
        }
        if (!d->name)
            return error_no_memory(err);
    }
    return 0;
}

int
ovf_disks_read(const xmlNode *envelope, const xmlNode *system,
    struct guest *ret, struct error *err)
{
    struct machine m = {
        .envelope = envelope,
        .hardware = xml_child(system, "VirtualHardwareSection"),
        .ide_first = xml_child(system, "Machine"),
    };
    size_t first = ret->n_disks;

    for (const xmlNode *n = m.hardware->children; n; n = n->next) {
        uint64_t type = is_item(n) ? ovf_number(n, "ResourceType") : 0;

        if ((type == TYPE_DISK || type == TYPE_EXTENT) &&
            add_slot(&m, n, ret, err) < 0)
            return -1;
    }
    qsort(m.slots, m.n, sizeof *m.slots,
        m.ide_first ? by_place_ide_first : by_place);
    for (size_t i = 0; i < m.n; i++)
        if (!m.slots[i].left_out && add_disk(&m.slots[i], ret, err) < 0)
            return -1;
    return name_disks(&m, first, ret, err);
}
