/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside target/: the description of a machine as oVirt writes and reads it,
 * which is a dialect of OVF 0.9. */
#pragma once
#include <stdint.h>

#include "tool/xml_writer.h"

struct ovirt_disk {
    char *image, *volume; /* UUIDs */
    uint64_t used;        /* bytes on the disk */
};

struct ovirt_machine {
    const struct result *r;
    char *uuid;
    struct ovirt_disk *disks;
};

/* For xml_text; MACHINE is a struct ovirt_machine. */
void ovirt_ovf_put(struct xml_writer *x, const void *machine);
