/* SPDX-License-Identifier: GPL-2.0-or-later */
/* -o kubevirt: images, and a KubeVirt VirtualMachine (NAME.yaml) that finds
 * them on its node.  Texts are quoted as in JSON, which is valid YAML. */
#include <config.h>

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "v2v/target/script.h"

enum { NAME_MAX_LENGTH = 63 };

static void
put_text(FILE *f, const char *text)
{
    fputc('"', f);
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            fputc('\\', f);
        if ((unsigned char)*text >= 0x20)
            fputc(*text, f);
    }
    fputc('"', f);
}

/* A Kubernetes name: lower-case letters, digits and dashes. */
static char *
cluster_name(const char *name)
{
    char *own = strndup(name, NAME_MAX_LENGTH);

    for (char *p = own; p && *p; p++) {
        *p = (char)tolower((unsigned char)*p);
        if (!isalnum((unsigned char)*p))
            *p = '-';
    }
    for (size_t n = own ? strlen(own) : 0; n > 1 && own[n - 1] == '-'; n--)
        own[n - 1] = 0;
    return own;
}

static void
put_devices(FILE *f, const struct result *r)
{
    fputs("        devices:\n"
          "          rng: {}\n"
          "          disks:\n",
        f);
    for (size_t i = 0; i < r->disks->n; i++) {
        fprintf(f,
            "          - name: disk%zu\n"
            "            bootOrder: %zu\n"
            "            disk:\n"
            "              bus: virtio\n",
            i, disks_boot_order(r->disks, i));
        if (r->disks->items[i].sector_size == 4096)
            fputs("            blockSize:\n"
                  "              custom:\n"
                  "                logical: 4096\n"
                  "                physical: 4096\n",
                f);
    }
    fputs(r->guest->n_nics ? "          interfaces:\n" : "", f);
    for (size_t i = 0; i < r->guest->n_nics; i++)
        fprintf(f,
            "          - name: net%zu\n"
            "            model: virtio\n"
            "            macAddress: \"%s\"\n"
            "            %s: {}\n",
            i, r->guest->nics[i].mac, i ? "bridge" : "masquerade");
}

/* A pod has one network of its own; others have names in the cluster. */
static void
put_networks(FILE *f, const struct result *r)
{
    fputs(r->guest->n_nics ? "      networks:\n" : "", f);
    for (size_t i = 0; i < r->guest->n_nics; i++) {
        const char *network = r->guest->nics[i].network;

        fprintf(f, "      - name: net%zu\n", i);
        if (i == 0) {
            fputs("        pod: {}\n", f);
            continue;
        }
        fputs("        multus:\n          networkName: ", f);
        put_text(f, network ? network : "default");
        fputc('\n', f);
    }
}

static void
put_machine(FILE *f, const struct result *r)
{
    const struct guest *guest = r->guest;
    cleanup_free char *name = cluster_name(guest->name);

    fputs("# Made by mayfly-v2v.  The images have to be at these paths on the "
          "node.\n"
          "apiVersion: kubevirt.io/v1\n"
          "kind: VirtualMachine\n"
          "metadata:\n"
          "  name: ",
        f);
    put_text(f, name ? name : "guest");
    unsigned sockets = guest_sockets(guest);
    fprintf(f,
        "\n"
        "spec:\n"
        "  runStrategy: Halted\n"
        "  template:\n"
        "    spec:\n"
        "      domain:\n"
        "        clock:\n"
        "          utc: {}%s\n"
        "        cpu:\n"
        "          sockets: %u\n"
        "          cores: %u\n"
        "          threads: %u\n"
        "        features:\n"
        "          acpi: {}\n"
        "        firmware:\n"
        "          bootloader:\n"
        "            %s\n"
        "        machine:\n"
        "          type: q35\n"
        "        memory:\n"
        "          guest: %lluMi\n",
        /* Local time would need a time zone. */
        guest->local_time ? " # the guest wants a timezone here" : "",
        sockets ? sockets : 1, sockets ? guest->cores : guest->vcpus,
        sockets && guest->threads ? guest->threads : 1,
        guest->uefi ? "efi:\n              secureBoot: false" : "bios: {}",
        (unsigned long long)(guest->memory >> 20));
    put_devices(f, r);
    put_networks(f, r);
    fputs("      volumes:\n", f);
    for (size_t i = 0; i < r->disks->n; i++) {
        fprintf(f,
            "      - name: disk%zu\n"
            "        hostDisk:\n"
            "          type: Disk\n"
            "          path: ",
            i);
        put_text(f, r->images[i]);
        fputc('\n', f);
    }
}

static int
write_machine(const struct result *r, struct error *err)
{
    return script_write(r, "yaml", 0666, put_machine, err);
}

const struct target target_kubevirt = {
    .name = "kubevirt",
    .help = "images and a KubeVirt VirtualMachine (NAME.yaml)",
    .copies = true,
    .large_sectors = true,
    .format = "raw",
    .write = write_machine,
};
