/* SPDX-License-Identifier: GPL-2.0-or-later */
/* -o proxmox: images, and a script that makes a Proxmox VE machine from
 * them. */
#include <config.h>

#include <ctype.h>

#include "base/strv.h"
#include "v2v/target/script.h"

/* Proxmox VE takes DNS names only: other bytes become "-". */
static void
put_name(FILE *f, const char *name)
{
    enum { NAME_MAX_DNS = 63 };
    char out[NAME_MAX_DNS + 1];
    size_t n = 0;

    for (const char *p = name; *p && n < NAME_MAX_DNS; p++) {
        bool plain = isalnum((unsigned char)*p);

        if (plain || (n > 0 && isalnum((unsigned char)out[n - 1])))
            out[n++] = plain || *p == '.' ? *p : '-';
    }
    while (n > 0 && !isalnum((unsigned char)out[n - 1]))
        n--;
    out[n] = 0;
    fputs(n > 0 ? out : "guest", f);
}

static void
put_script(FILE *f, const struct result *r)
{
    const struct guest *guest = r->guest;

    fputs("#!/bin/sh\n"
          "# Made by mayfly-v2v, to be run on a Proxmox VE node:\n"
          "#     ./NAME.sh VMID STORAGE [BRIDGE]\n"
          "[ $# -ge 2 ] || { echo \"usage: $0 VMID STORAGE [BRIDGE]\" >&2; "
          "exit 2; }\n"
          "folder=$(cd \"$(dirname \"$0\")\" && pwd) || exit 1\n"
          "exec qm create \"$1\" --name ",
        f);
    put_name(f, guest->name);
    unsigned sockets = guest_sockets(guest) ? guest_sockets(guest) : 1;
    fprintf(f,
        " \\\n    --memory %llu --cores %u --sockets %u --cpu x86-64-v2-AES"
        " --machine q35"
        " \\\n    --ostype %s --localtime %d --bios %s --serial0 socket"
        " \\\n    --agent enabled=1 --rng0 source=/dev/urandom",
        (unsigned long long)(guest->memory >> 20), guest->vcpus / sockets,
        sockets, str_equal(r->root->type, "windows") ? "win10" : "l26",
        guest->local_time, guest->uefi ? "ovmf" : "seabios");
    if (guest->uefi)
        fputs(" --efidisk0 \"$2\":1", f);
    for (size_t i = 0; i < r->disks->n; i++) {
        fprintf(f, " \\\n    --virtio%zu \"$2\":0,import-from=", i);
        script_image(f, r, i);
        fputs(",discard=on", f);
    }
    if (guest->cd_drives)
        fputs(" \\\n    --ide2 none,media=cdrom", f);
    for (size_t i = 0; i < guest->n_nics; i++)
        fprintf(f, " \\\n    --net%zu virtio=%s,bridge=\"${3:-vmbr0}\"", i,
            guest->nics[i].mac);
    fprintf(f, " \\\n    --boot order=virtio%zu\n", r->disks->boot);
}

static int
write_script(const struct result *r, struct error *err)
{
    return script_write(r, "sh", 0777, put_script, err);
}

const struct target target_proxmox = {
    .name = "proxmox",
    .help = "images and a script for a Proxmox VE node (NAME.sh)",
    .copies = true,
    .write = write_script,
};
