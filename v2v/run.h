/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A whole run of mayfly-v2v: from the command line's words to the new
 * machine. */
#pragma once
#include <stdio.h>

#include "customize/customize.h"
#include "tool/options.h"
#include "v2v/machine/nics.h"
#include "v2v/phases/phases.h"
#include "v2v/source/source.h"
#include "v2v/target/target.h"

struct v2v_options {
    const struct source *source;
    bool has_source;              /* -i was given */
    const char *input_connection; /* -ic */
    const char *input_format;     /* -if */
    bool print_source;
    int parallel;     /* disks copied at the same time; 0: all */
    int memsize, smp; /* of the appliance; 0: the default */
    const struct target *target;
    const char *folder;     /* -os */
    const char *format;     /* -of */
    const char *name;       /* -on */
    const char *connection; /* -oc */
    const char *root; /* --root: ask (as single), single, first, a device */
    const char *kernel, *initrd, *modules;
    const char *virtio_win; /* --virtio-win; NULL: the usual place */
    const char *report;     /* --report: a file for the JSON */
    const char *inspection; /* -O: a file for the XML; "-": print it */
    bool only_inspection;   /* print no plan */
    bool plan;              /* keep nothing */
    bool json;              /* the plan as JSON */
    bool in_place;          /* change the source itself */
    bool trim, rebuild_initramfs, verify, quiet;
    int timeout;      /* for the boot, in seconds */
    enum phase phase; /* --phase */
    const char *bitmap;
    uint64_t bwlimit; /* bytes per second; 0: no limit */
    int sector_size; /* of the source's disks: 512, 4096; 0: see their tables */
    struct nic_wishes nics;
    FILE *machine; /* --machine-readable; NULL: not given */
    struct customize customize;
};

/* Do it.  Prints its errors; returns an exit code. */
int convert_machine(const struct v2v_options *r, struct tool *tool);
