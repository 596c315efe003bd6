/* SPDX-License-Identifier: GPL-2.0-or-later */
/* -o local: images, and the XML of a domain of libvirt beside them. */
#include <config.h>

#include <errno.h>
#include <libxml/xmlwriter.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/strv.h"
#include "v2v/target/target.h"

/* A writer whose first failure sticks. */
struct xml {
    xmlTextWriterPtr w;
    bool failed;
};

static const xmlChar *
chars(const char *s)
{
    return (const xmlChar *)s;
}

static void
check(struct xml *x, int result)
{
    x->failed |= result < 0;
}

static void
start(struct xml *x, const char *name)
{
    check(x, xmlTextWriterStartElement(x->w, chars(name)));
}

static void
end(struct xml *x)
{
    check(x, xmlTextWriterEndElement(x->w));
}

static void
attribute(struct xml *x, const char *name, const char *value)
{
    cleanup_free char *clean = text_escape(value);

    check(x, clean
                 ? xmlTextWriterWriteAttribute(x->w, chars(name), chars(clean))
                 : -1);
}

static void
element(struct xml *x, const char *name, const char *value)
{
    cleanup_free char *clean = text_escape(value);

    check(x, clean ? xmlTextWriterWriteElement(x->w, chars(name), chars(clean))
                   : -1);
}

/* <NAME ATTRIBUTE='VALUE'/> */
static void
leaf(struct xml *x, const char *name, const char *key, const char *value)
{
    start(x, name);
    attribute(x, key, value);
    end(x);
}

static void
put_os(struct xml *x, const struct result *r)
{
    start(x, "os");
    if (r->guest->uefi)
        attribute(x, "firmware", "efi");
    start(x, "type");
    attribute(x, "arch", "x86_64");
    attribute(x, "machine", "q35");
    check(x, xmlTextWriterWriteString(x->w, chars("hvm")));
    end(x);
    end(x);

    start(x, "features");
    start(x, "acpi");
    end(x);
    start(x, "apic");
    end(x);
    end(x);
}

static void
put_disks(struct xml *x, const struct result *r)
{
    for (size_t i = 0; i < r->disks->n; i++) {
        cleanup_free char *name =
            text_printf("vd%s", r->disks->items[i].letters);
        char order[24];

        snprintf(order, sizeof order, "%zu", i + 1);
        start(x, "disk");
        attribute(x, "type", "file");
        attribute(x, "device", "disk");
        start(x, "driver");
        attribute(x, "name", "qemu");
        attribute(x, "type", r->format);
        attribute(x, "discard", "unmap");
        end(x);
        leaf(x, "source", "file", r->images[i]);
        start(x, "target");
        attribute(x, "dev", name ? name : "vda");
        attribute(x, "bus", "virtio");
        end(x);
        leaf(x, "boot", "order", order);
        end(x);
    }
}

static void
put_nics(struct xml *x, const struct result *r)
{
    for (size_t i = 0; i < r->guest->n_nics; i++) {
        const struct guest_nic *nic = &r->guest->nics[i];
        const char *kind = nic->is_bridge ? "bridge" : "network";

        start(x, "interface");
        attribute(x, "type", kind);
        leaf(x, "mac", "address", nic->mac);
        leaf(x, "source", kind, nic->network ? nic->network : "default");
        leaf(x, "model", "type", "virtio");
        end(x);
    }
}

static void
put_others(struct xml *x)
{
    start(x, "serial");
    attribute(x, "type", "pty");
    end(x);
    start(x, "console");
    attribute(x, "type", "pty");
    start(x, "target");
    attribute(x, "type", "serial");
    attribute(x, "port", "0");
    end(x);
    end(x);
    start(x, "channel");
    attribute(x, "type", "unix");
    start(x, "target");
    attribute(x, "type", "virtio");
    attribute(x, "name", "org.qemu.guest_agent.0");
    end(x);
    end(x);
    start(x, "input");
    attribute(x, "type", "tablet");
    attribute(x, "bus", "usb");
    end(x);
    start(x, "graphics");
    attribute(x, "type", "vnc");
    attribute(x, "autoport", "yes");
    end(x);
    start(x, "video");
    leaf(x, "model", "type", "vga");
    end(x);
    start(x, "rng");
    attribute(x, "model", "virtio");
    start(x, "backend");
    attribute(x, "model", "random");
    check(x, xmlTextWriterWriteString(x->w, chars("/dev/urandom")));
    end(x);
    end(x);
    leaf(x, "memballoon", "model", "virtio");
}

static void
put_domain(struct xml *x, const struct result *r)
{
    char memory[24], vcpus[24];

    snprintf(memory, sizeof memory, "%llu",
        (unsigned long long)(r->guest->memory >> 10));
    snprintf(vcpus, sizeof vcpus, "%u", r->guest->vcpus);
    start(x, "domain");
    attribute(x, "type", "kvm");
    element(x, "name", r->guest->name);
    if (r->guest->uuid)
        element(x, "uuid", r->guest->uuid);
    start(x, "memory");
    attribute(x, "unit", "KiB");
    check(x, xmlTextWriterWriteString(x->w, chars(memory)));
    end(x);
    element(x, "vcpu", vcpus);
    put_os(x, r);
    /* All that the host has, with KVM and without: no model to be lacking. */
    leaf(x, "cpu", "mode", "maximum");
    leaf(x, "clock", "offset", r->guest->local_time ? "localtime" : "utc");
    element(x, "on_poweroff", "destroy");
    element(x, "on_reboot", "restart");
    element(x, "on_crash", "restart");
    start(x, "devices");
    put_disks(x, r);
    put_nics(x, r);
    put_others(x);
    end(x);
    end(x);
}

static int
write_xml(const struct result *r, struct error *err)
{
    xmlBufferPtr buffer = xmlBufferCreate();
    struct xml x = {.w = buffer ? xmlNewTextWriterMemory(buffer, 0) : NULL};
    cleanup_output struct output out = {.fd = -1};
    int result = -1;

    if (!x.w) {
        xmlBufferFree(buffer);
        return error_set(err, ENOMEM, "no memory");
    }
    check(&x, xmlTextWriterSetIndent(x.w, 1));
    check(&x, xmlTextWriterStartDocument(x.w, NULL, "utf-8", NULL));
    put_domain(&x, r);
    check(&x, xmlTextWriterEndDocument(x.w));
    xmlFreeTextWriter(x.w);
    if (x.failed)
        error_set(err, ENOMEM, "cannot make the XML");
    else if (target_open(r, "xml", 0666, &out, err) == 0) {
        result = write_all(out.fd, xmlBufferContent(buffer),
                     (size_t)xmlBufferLength(buffer)) < 0
                     ? error_errno(err, errno, "cannot write %s", out.path)
                     : output_commit(&out, err);
    }
    xmlBufferFree(buffer);
    return result;
}

const struct target target_local = {
    .name = "local",
    .help = "images and the XML of a domain of libvirt (NAME.xml)",
    .copies = true,
    .write = write_xml,
};
