# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Sample of a target: -o note, images and a line about the machine.
recipe='A target of mayfly-v2v'
checks=(tests/cli/v2v-targets.sh)

apply()
{
    create v2v/target/note.c << 'END'
/* SPDX-License-Identifier: GPL-2.0-or-later */
/* -o note: images, and one line of text about the machine. */
#include <config.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/strv.h"
#include "v2v/target/description.h"

static int
write_note(const struct result *r, struct error *err)
{
    cleanup_output struct output out = {.fd = -1};
    cleanup_free char *text =
        text_printf("%s: %zu disks, %llu MiB of memory\n", r->guest->name,
            r->disks->n, (unsigned long long)(r->guest->memory >> 20));

    if (!text)
        return error_no_memory(err);
    if (target_open(r, "txt", 0666, &out, err) < 0)
        return -1;
    if (write_all(out.fd, text, strlen(text)) < 0)
        return error_errno(err, errno, "cannot write %s", out.path);
    return output_commit(&out, err);
}

const struct target target_note = {
    .name = "note",
    .help = "images and a line of text (NAME.txt)",
    .copies = true,
    .write = write_note,
};
END
    after v2v/target/target.h '^    target_proxmox, ' \
        <<< 'extern const struct target target_note;'
    before v2v/target/target.c '^    &target_null,' <<< '    &target_note,'
    before v2v/module.mk '^	v2v/target/openstack.c' << 'END'
	v2v/target/note.c \
END
    edit v2v/main.c 's/ovirt, proxmox, null"/ovirt, proxmox, note, null"/'
    edit v2v/main.c 's/ovirt, proxmox or null"/ovirt, proxmox, note or null"/'
    before v2v/manual.c '^        "\* -o null' << 'END'
        "* -o note\n"
        "DIR/NAME.txt: a line about the machine.\n"
END
    before tests/cli/v2v-targets.sh '^# --- oVirt ---' << 'END'
# --- a note ---

mayfly-v2v -i xl disk.cfg -o note -os out -on noted -q
[ "$(cat out/noted.txt)" = "noted: 1 disks, 256 MiB of memory" ]
rm out/noted*

END
}

use()
{
    small_guest
    mkdir note
    mayfly-v2v -i disk small.img -o note -os note -on it -q ||
        fail "it does not convert"
    grep -q '^it: 1 disks, ' note/it.txt || fail "no note: $(ls note)"
    [ -s note/it-sda ] || fail "no image: $(ls note)"
    mayfly-v2v --machine-readable | grep -qx output:note ||
        fail "programs cannot see it"
}
