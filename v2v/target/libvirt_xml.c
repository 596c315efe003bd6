/* SPDX-License-Identifier: GPL-2.0-or-later */
/* -o local: images, and the XML of a libvirt domain next to them. */
#include <config.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/strv.h"
#include "tool/xml_writer.h"
#include "v2v/target/description.h"
#include "v2v/target/target.h"

static void
put_os(struct xml_writer *x, const struct result *r)
{
    put_start(x, "os");
    if (r->guest->uefi)
        put_attribute(x, "firmware", "efi");
    put_start(x, "type");
    put_attribute(x, "arch", "x86_64");
    put_attribute(x, "machine", "q35");
    put_text(x, "hvm");
    put_end(x);
    put_end(x);

    put_start(x, "features");
    put_start(x, "acpi");
    put_end(x);
    put_start(x, "apic");
    put_end(x);
    put_end(x);
}

static void
put_sectors(struct xml_writer *x)
{
    put_start(x, "blockio");
    put_attribute(x, "logical_block_size", "4096");
    put_attribute(x, "physical_block_size", "4096");
    put_end(x);
}

static void
put_disks(struct xml_writer *x, const struct result *r)
{
    for (size_t i = 0; i < r->disks->n; i++) {
        cleanup_free char *name =
            text_printf("vd%s", r->disks->items[i].letters);
        char order[24];

        snprintf(order, sizeof order, "%zu", disks_boot_order(r->disks, i));
        put_start(x, "disk");
        put_attribute(x, "type", "file");
        put_attribute(x, "device", "disk");
        put_start(x, "driver");
        put_attribute(x, "name", "qemu");
        put_attribute(x, "type", r->format);
        put_attribute(x, "discard", "unmap");
        put_end(x);
        put_leaf(x, "source", "file", r->images[i]);
        put_start(x, "target");
        put_attribute(x, "dev", name ? name : "vda");
        put_attribute(x, "bus", "virtio");
        put_end(x);
        put_leaf(x, "boot", "order", order);
        if (r->disks->items[i].sector_size == 4096)
            put_sectors(x);
        put_end(x);
    }
}

/* An empty one, NAME on BUS. */
static void
put_drive(struct xml_writer *x, const char *device, const char *bus, char *name)
{
    put_start(x, "disk");
    put_attribute(x, "type", "file");
    put_attribute(x, "device", device);
    put_leaf(x, "driver", "name", "qemu");
    put_start(x, "target");
    put_attribute(x, "dev", name);
    put_attribute(x, "bus", bus);
    put_end(x);
    put_start(x, "readonly");
    put_end(x);
    put_end(x);
}

static void
put_drives(struct xml_writer *x, const struct guest *guest)
{
    char cd[] = "sda", floppy[] = "fda";

    for (unsigned i = 0; i < guest->cd_drives && i < TARGET_CDS; i++, cd[2]++)
        put_drive(x, "cdrom", "sata", cd);
    for (unsigned i = 0; i < guest->floppy_drives && i < TARGET_FLOPPIES;
         i++, floppy[2]++)
        put_drive(x, "floppy", "fdc", floppy);
}

static void
put_nics(struct xml_writer *x, const struct result *r)
{
    for (size_t i = 0; i < r->guest->n_nics; i++) {
        const struct guest_nic *nic = &r->guest->nics[i];
        const char *kind = nic->is_bridge ? "bridge" : "network";

        put_start(x, "interface");
        put_attribute(x, "type", kind);
        put_leaf(x, "mac", "address", nic->mac);
        put_leaf(x, "source", kind, nic->network ? nic->network : "default");
        put_leaf(x, "model", "type", "virtio");
        put_end(x);
    }
}

static void
put_others(struct xml_writer *x)
{
    put_start(x, "serial");
    put_attribute(x, "type", "pty");
    put_end(x);
    put_start(x, "console");
    put_attribute(x, "type", "pty");
    put_start(x, "target");
    put_attribute(x, "type", "serial");
    put_attribute(x, "port", "0");
    put_end(x);
    put_end(x);
    put_start(x, "channel");
    put_attribute(x, "type", "unix");
    put_start(x, "target");
    put_attribute(x, "type", "virtio");
    put_attribute(x, "name", "org.qemu.guest_agent.0");
    put_end(x);
    put_end(x);
    put_start(x, "input");
    put_attribute(x, "type", "tablet");
    put_attribute(x, "bus", "usb");
    put_end(x);
    put_start(x, "graphics");
    put_attribute(x, "type", "vnc");
    put_attribute(x, "autoport", "yes");
    put_end(x);
    put_start(x, "video");
    put_leaf(x, "model", "type", "vga");
    put_end(x);
    put_start(x, "rng");
    put_attribute(x, "model", "virtio");
    put_start(x, "backend");
    put_attribute(x, "model", "random");
    put_text(x, "/dev/urandom");
    put_end(x);
    put_end(x);
    put_leaf(x, "memballoon", "model", "virtio");
}

/* Windows uses no more sockets than it has a licence for. */
static void
put_topology(struct xml_writer *x, const struct guest *guest)
{
    char sockets[24], cores[24], threads[24];

    if (!guest_sockets(guest))
        return;
    snprintf(sockets, sizeof sockets, "%u", guest_sockets(guest));
    snprintf(cores, sizeof cores, "%u", guest->cores);
    snprintf(
        threads, sizeof threads, "%u", guest->threads ? guest->threads : 1);
    put_start(x, "topology");
    put_attribute(x, "sockets", sockets);
    put_attribute(x, "cores", cores);
    put_attribute(x, "threads", threads);
    put_end(x);
}

static void
put_domain(struct xml_writer *x, const void *result)
{
    const struct result *r = result;
    char memory[24], vcpus[24];

    snprintf(memory, sizeof memory, "%llu",
        (unsigned long long)(r->guest->memory >> 10));
    snprintf(vcpus, sizeof vcpus, "%u", r->guest->vcpus);
    put_start(x, "domain");
    put_attribute(x, "type", "kvm");
    put_element(x, "name", r->guest->name);
    if (r->guest->uuid)
        put_element(x, "uuid", r->guest->uuid);
    put_start(x, "memory");
    put_attribute(x, "unit", "KiB");
    put_text(x, memory);
    put_end(x);
    put_element(x, "vcpu", vcpus);
    put_os(x, r);
    /* Everything the host has, with and without KVM; a named model might be
     * missing. */
    put_start(x, "cpu");
    put_attribute(x, "mode", "maximum");
    put_topology(x, r->guest);
    put_end(x);
    put_leaf(x, "clock", "offset", r->guest->local_time ? "localtime" : "utc");
    put_element(x, "on_poweroff", "destroy");
    put_element(x, "on_reboot", "restart");
    put_element(x, "on_crash", "restart");
    put_start(x, "devices");
    put_disks(x, r);
    put_drives(x, r->guest);
    put_nics(x, r);
    if (r->guest->sound)
        put_leaf(x, "sound", "model", r->guest->sound);
    put_others(x);
    put_end(x);
    put_end(x);
}

int
target_write_domain(const struct result *r, struct error *err)
{
    cleanup_output struct output out = {.fd = -1};
    size_t size;
    cleanup_free char *text = xml_text(put_domain, r, &target_xml, &size, err);

    if (!text || target_open(r, "xml", 0666, &out, err) < 0)
        return -1;
    if (write_all(out.fd, text, size) < 0)
        return error_errno(err, errno, "cannot write %s", out.path);
    return output_commit(&out, err);
}

const struct target target_local = {
    .name = "local",
    .help = "images and the XML of a libvirt domain (NAME.xml)",
    .copies = true,
    .large_sectors = true,
    .write = target_write_domain,
};
