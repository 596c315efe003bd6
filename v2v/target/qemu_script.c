/* SPDX-License-Identifier: GPL-2.0-or-later */
/* -o qemu: images, and a script that starts QEMU with them. */
#include <config.h>

#include "v2v/target/script.h"

/* A comma ends a QEMU option's value.  Machine and image names have no comma,
 * but the folder may, so the script doubles it. */
static void
put_disk(FILE *f, const struct result *r, size_t i)
{
    fprintf(f,
        " \\\n    -drive if=none,id=disk%zu,discard=unmap,format=%s,file=", i,
        r->format);
    script_image(f, r, i);
    fprintf(f, " \\\n    -device virtio-blk-pci,drive=disk%zu,bootindex=%zu", i,
        disks_boot_order(r->disks, i));
    if (r->disks->items[i].sector_size == 4096)
        fputs(",logical_block_size=4096,physical_block_size=4096", f);
}

static void
put_script(FILE *f, const struct result *r)
{
    const struct guest *guest = r->guest;

    fputs("#!/bin/sh\n"
          "# Made by mayfly-v2v.  More QEMU options can follow:\n"
          "#     ./NAME.sh -nographic\n"
          "folder=$(cd \"$(dirname \"$0\")\" && pwd) || exit 1\n"
          "# QEMU takes a comma for the end of a value.\n"
          "folder=$(printf %s \"$folder\" | sed 's/,/,,/g')\n",
        f);
    if (guest->uefi)
        fputs("for firmware in /usr/share/OVMF/OVMF_CODE_4M.fd "
              "/usr/share/OVMF/OVMF_CODE.fd "
              "/usr/share/edk2/ovmf/OVMF_CODE.fd; do\n"
              "    [ ! -e \"$firmware\" ] || break\n"
              "done\n",
            f);
    fputs("exec qemu-system-x86_64 -name ", f);
    script_quote(f, guest->name);
    fprintf(f,
        " \\\n    -machine q35,accel=kvm:tcg -cpu max \\\n    -m %llu -smp %u",
        (unsigned long long)(guest->memory >> 20), guest->vcpus);
    if (guest_sockets(guest))
        fprintf(f, ",sockets=%u,cores=%u,threads=%u", guest_sockets(guest),
            guest->cores, guest->threads ? guest->threads : 1);
    if (guest->uuid) {
        fputs(" -uuid ", f);
        script_quote(f, guest->uuid);
    }
    if (guest->uefi)
        fputs(" \\\n    -drive if=pflash,format=raw,readonly=on,"
              "file=\"$firmware\"",
            f);
    for (size_t i = 0; i < r->disks->n; i++)
        put_disk(f, r, i);
    for (unsigned i = 0; i < guest->cd_drives && i < TARGET_CDS; i++)
        fprintf(f, " \\\n    -device ide-cd,bus=ide.%u,id=cd%u", i, i);
    for (size_t i = 0; i < guest->n_nics; i++)
        fprintf(f,
            " \\\n    -netdev user,id=net%zu"
            " -device virtio-net-pci,netdev=net%zu,mac=%s",
            i, i, guest->nics[i].mac);
    fprintf(f,
        " \\\n    -device virtio-rng-pci -device virtio-balloon-pci \\\n"
        "    -rtc base=%s \"$@\"\n",
        guest->local_time ? "localtime" : "utc");
}

static int
write_script(const struct result *r, struct error *err)
{
    return script_write(r, "sh", 0777, put_script, err);
}

const struct target target_qemu = {
    .name = "qemu",
    .help = "images and a script that starts QEMU (NAME.sh)",
    .copies = true,
    .large_sectors = true,
    .write = write_script,
};
