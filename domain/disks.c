/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <config.h>

#include "domain/disks.h"

#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "base/xml.h"

/* --- the place of a disk --- */

static int
read_server(const xmlNode *host, char ***servers, struct error *err)
{
    cleanup_free char *name = xml_attribute(host, "name");
    cleanup_free char *port = xml_attribute(host, "port");
    cleanup_free char *socket = xml_attribute(host, "socket");
    int r;

    if (socket)
        r = strv_printf(servers, "unix:%s", socket);
    else if (name && port)
        r = strv_printf(servers, "%s:%s", name, port);
    else
        r = strv_append(servers, name ? name : "localhost");
    return r < 0 ? error_no_memory(err) : 0;
}

static int
read_network(const xmlNode *disk, const xmlNode *source,
    struct domain_disk *ret, struct error *err)
{
    const xmlNode *auth = xml_child(disk, "auth");

    if (!auth)
        auth = xml_child(source, "auth");
    ret->protocol = xml_attribute(source, "protocol");
    if (!ret->protocol)
        return 0;
    ret->filename = xml_attribute(source, "name");
    if (!ret->filename && !(ret->filename = strdup("")))
        return error_no_memory(err);
    if (xml_child(auth, "secret"))
        return error_set(err, ENOTSUP,
            "%s:%s needs a libvirt secret, and Mayfly knows no protocol that "
            "takes one; add the disk itself",
            ret->protocol, ret->filename);
    cleanup_free char *tls = xml_attribute(source, "tls");
    if (tls && str_equal(tls, "yes"))
        return error_set(err, ENOTSUP,
            "%s:%s is reached by TLS, which Mayfly does not speak; serve it "
            "on a Unix socket, by SSH or as a file",
            ret->protocol, ret->filename);
    ret->user = xml_attribute(auth, "username");
    for (xmlNode *n = source ? source->children : NULL; n; n = n->next)
        if (xml_is(n, "host") && read_server(n, &ret->servers, err) < 0)
            return -1;
    return 0;
}

static int
read_source(const xmlNode *disk, struct domain_disk *ret, struct error *err)
{
    const xmlNode *source = xml_child(disk, "source");
    cleanup_free char *type = xml_attribute(disk, "type");

    if (!source)
        return 0;
    if (xml_child(source, "slices"))
        return error_set(err, ENOTSUP,
            "its image is a slice of a file, which Mayfly does not read; show "
            "it as a disk of its own: qemu-nbd --image-opts "
            "driver=raw,offset=N,size=N,file.filename=FILE");
    if (!type || str_equal(type, "file"))
        ret->filename = xml_attribute(source, "file");
    else if (str_equal(type, "block"))
        ret->filename = xml_attribute(source, "dev");
    else if (str_equal(type, "network"))
        return read_network(disk, source, ret, err);
    else if (str_equal(type, "volume")) {
        ret->pool = xml_attribute(source, "pool");
        ret->volume = xml_attribute(source, "volume");
    }
    return 0;
}

/* --- the disk itself --- */

static void
read_block_size(const xmlNode *disk, struct domain_disk *ret)
{
    cleanup_free char *size =
        xml_attribute(xml_child(disk, "blockio"), "logical_block_size");

    ret->block_size = size ? atoi(size) : 0;
}

/* The LUKS of a raw disk is a header in the data, which the appliance unlocks;
 * that of a qcow2 image is QEMU's, which the library gives the key. */
static int
read_encryption(const xmlNode *disk, struct domain_disk *ret, struct error *err)
{
    const xmlNode *encryption = xml_child(disk, "encryption");

    if (!encryption)
        encryption = xml_child(xml_child(disk, "source"), "encryption");
    if (!encryption)
        return 0;
    if (!ret->format ||
        (!str_equal(ret->format, "raw") && !str_equal(ret->format, "qcow2")))
        return error_set(err, ENOTSUP,
            "%s is encrypted in its %s format, which Mayfly cannot open; "
            "decrypt it with qemu-img convert first",
            ret->filename ? ret->filename : "a disk",
            ret->format ? ret->format : "own");

    const xmlNode *secret = xml_child(encryption, "secret");
    ret->secret_uuid = xml_attribute(secret, "uuid");
    ret->secret_usage = xml_attribute(secret, "usage");
    return 0;
}

void
domain_disk_clear(struct domain_disk *d)
{
    free(d->filename);
    free(d->pool);
    free(d->volume);
    free(d->format);
    free(d->protocol);
    strv_free(d->servers);
    free(d->user);
    free(d->secret_uuid);
    free(d->secret_usage);
    *d = (struct domain_disk){0};
}

int
domain_disk_read(
    const xmlNode *disk, struct domain_disk *ret, struct error *err)
{
    if (read_source(disk, ret, err) < 0)
        return -1;
    if (!ret->filename && !(ret->pool && ret->volume))
        return 0;
    ret->format = xml_attribute(xml_child(disk, "driver"), "type");
    ret->read_only = xml_child(disk, "readonly");
    read_block_size(disk, ret);
    return read_encryption(disk, ret, err);
}

static int
read_disk(const xmlNode *disk, struct domain_disks *ret, struct error *err)
{
    if (ret->n == DOMAIN_DISKS_MAX)
        return error_set(err, E2BIG, "more than %d disks", DOMAIN_DISKS_MAX);

    struct domain_disk *d = &ret->disk[ret->n];

    if (domain_disk_read(disk, d, err) < 0)
        return -1;
    if (d->filename || (d->pool && d->volume))
        ret->n++;
    else
        domain_disk_clear(d);
    return 0;
}

static int
read_domain(const xmlNode *domain, struct domain_disks *ret, struct error *err)
{
    if (!domain || !xml_is(domain, "domain"))
        return error_set(err, EINVAL, "not a libvirt <domain>");

    const xmlNode *devices = xml_child(domain, "devices");

    for (xmlNode *n = devices ? devices->children : NULL; n; n = n->next)
        if (xml_is(n, "disk") && read_disk(n, ret, err) < 0)
            return -1;
    return 0;
}

int
domain_disks_read(
    const char *xml, size_t size, struct domain_disks *ret, struct error *err)
{
    xmlDoc *document;
    int r;

    if (size > DOMAIN_XML_MAX)
        return error_set(err, E2BIG, "the domain's XML is too long");
    document = xml_parse(xml, size, err);
    if (!document)
        return -1;
    r = read_domain(xmlDocGetRootElement(document), ret, err);
    xmlFreeDoc(document);
    return r;
}

void
domain_disks_free(struct domain_disks *disks)
{
    for (size_t i = 0; i < DOMAIN_DISKS_MAX; i++)
        domain_disk_clear(&disks->disk[i]);
    free(disks);
}

void
domain_disks_freep(struct domain_disks **disks)
{
    if (*disks)
        domain_disks_free(*disks);
}
