/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside target/: the description of a machine in OVF 1.1 (DSP0243). */
#pragma once
#include <stdint.h>

#include "tool/xml_writer.h"
#include "v2v/target/target.h"

struct ovf_disk {
    char *href;    /* the name of the file */
    uint64_t size; /* of that */
};

/* What the description needs in addition to the result; the disks in order. */
void ovf_put(
    struct xml_writer *x, const struct result *r, const struct ovf_disk *disks);
