/* SPDX-License-Identifier: GPL-2.0-or-later */
/* -o qemu: images, and a script that starts QEMU with them. */
#include <config.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "v2v/target/target.h"

/* A word of the shell.  QEMU itself wants a comma of a value doubled. */
static void
put_quoted(FILE *f, const char *text, bool commas)
{
    fputc('\'', f);
    for (; *text; text++) {
        if (*text == '\'')
            fputs("'\\''", f);
        else
            fputc(*text, f);
        if (*text == ',' && commas)
            fputc(',', f);
    }
    fputc('\'', f);
}

static void
put_disk(FILE *f, const struct result *r, size_t i)
{
    const char *slash = strrchr(r->images[i], '/');

    fprintf(f,
        " \\\n    -drive if=none,id=disk%zu,discard=unmap,format=%s,"
        "file=\"$folder\"/",
        i, r->format);
    put_quoted(f, slash ? slash + 1 : r->images[i], true);
    fprintf(f, " \\\n    -device virtio-blk-pci,drive=disk%zu,bootindex=%zu", i,
        i + 1);
}

static void
put_script(FILE *f, const struct result *r)
{
    const struct guest *guest = r->guest;

    fputs("#!/bin/sh\n"
          "# Made by mayfly-v2v.  More options of QEMU can follow:\n"
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
    fprintf(f, "exec qemu-system-x86_64 -name ");
    put_quoted(f, guest->name, true);
    fprintf(f,
        " \\\n    -machine q35,accel=kvm:tcg -cpu max \\\n    -m %llu -smp %u",
        (unsigned long long)(guest->memory >> 20), guest->vcpus);
    if (guest->uuid) {
        fputs(" -uuid ", f);
        put_quoted(f, guest->uuid, false);
    }
    if (guest->uefi)
        fputs(" \\\n    -drive if=pflash,format=raw,readonly=on,"
              "file=\"$firmware\"",
            f);
    for (size_t i = 0; i < r->disks->n; i++)
        put_disk(f, r, i);
    for (size_t i = 0; i < guest->n_nics; i++)
        fprintf(f,
            " \\\n    -netdev user,id=net%zu"
            " -device virtio-net-pci,netdev=net%zu,mac=%s",
            i, i, guest->nics[i].mac);
    fputs(" \\\n    -device virtio-rng-pci -device virtio-balloon-pci \\\n"
          "    -rtc base=utc \"$@\"\n",
        f);
}

static int
write_script(const struct result *r, struct error *err)
{
    cleanup_output struct output out = {.fd = -1};
    char *text = NULL;
    size_t size;
    FILE *f = open_memstream(&text, &size);

    if (!f)
        return error_set(err, ENOMEM, "no memory");
    put_script(f, r);
    if (fclose(f) != 0) {
        free(text);
        return error_set(err, ENOMEM, "no memory");
    }
    cleanup_free char *owned = text;
    if (target_open(r, "sh", 0777, &out, err) < 0)
        return -1;
    if (write_all(out.fd, owned, size) < 0)
        return error_errno(err, errno, "cannot write %s", out.path);
    return output_commit(&out, err);
}

const struct target target_qemu = {
    .name = "qemu",
    .help = "images and a script that starts QEMU (NAME.sh)",
    .copies = true,
    .write = write_script,
};
