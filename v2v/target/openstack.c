/* SPDX-License-Identifier: GPL-2.0-or-later */
/* -o openstack: images, and a script that uploads them with the properties that
 * Nova needs. */
#include <config.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "v2v/target/script.h"

static void
put_property(FILE *f, const char *name, const char *value)
{
    fprintf(f, " \\\n    --property %s=", name);
    script_quote(f, value);
}

static void
put_image(FILE *f, const struct result *r, size_t i)
{
    cleanup_free char *name =
        i == r->disks->boot ? text_printf("%s", r->guest->name)
                            : text_printf("%s-disk%zu", r->guest->name, i);

    fprintf(f,
        "openstack image create --container-format bare "
        "--disk-format %s",
        r->format);
    fprintf(f, " \\\n    --min-ram %llu",
        (unsigned long long)(r->guest->memory >> 20));
    put_property(f, "hypervisor_type", "kvm");
    put_property(f, "vm_mode", "hvm");
    put_property(f, "architecture", "x86_64");
    put_property(f, "os_type", r->root->type);
    if (r->root->distro[0])
        put_property(f, "os_distro", r->root->distro);
    put_property(f, "hw_machine_type", "q35");
    put_property(f, "hw_disk_bus", "virtio");
    put_property(f, "hw_vif_model", "virtio");
    put_property(f, "hw_rng_model", "virtio");
    put_property(f, "hw_video_model", "vga");
    put_property(f, "hw_firmware_type", r->guest->uefi ? "uefi" : "bios");
    fputs(" \\\n    --file ", f);
    script_image(f, r, i);
    fputs(" \"$@\" ", f);
    script_quote(f, name ? name : "");
    fputc('\n', f);
}

static void
put_script(FILE *f, const struct result *r)
{
    fputs("#!/bin/sh\n"
          "# Made by mayfly-v2v.  Options of 'openstack image create' can "
          "follow.\n"
          "# The network cards had these addresses; a port can be made with "
          "one:\n",
        f);
    for (size_t i = 0; i < r->guest->n_nics; i++)
        fprintf(f, "#     openstack port create --mac-address %s ...\n",
            r->guest->nics[i].mac);
    fputs("set -e\n"
          "folder=$(cd \"$(dirname \"$0\")\" && pwd)\n",
        f);
    for (size_t i = 0; i < r->disks->n; i++)
        put_image(f, r, i);
}

static int
write_script(const struct result *r, struct error *err)
{
    return script_write(r, "sh", 0777, put_script, err);
}

const struct target target_openstack = {
    .name = "openstack",
    .help = "images and a script that uploads them (NAME.sh)",
    .copies = true,
    .write = write_script,
};
