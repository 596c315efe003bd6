/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A target: what -o names.  It writes the description of the new machine next
 * to its disks.  One target is one file that ends in a table entry; the table
 * is in target.c. */
#pragma once
#include <mayfly.h>

#include "v2v/convert/report.h"
#include "v2v/disks/disks.h"

/* Everything a target needs to know about the new machine. */
struct result {
    const struct guest *guest;
    const struct disks *disks;
    const struct mayfly_inspection_root *root;
    const struct report *report;
    char *const *images;    /* of the disks, in order; NULL: none made */
    char ***ret_made;       /* the same; a target that moves the images updates
                             * it */
    char *const *sums;      /* blkhash of each image; NULL as well */
    const char *folder;     /* of the images */
    const char *format;     /* of the images */
    const char *connection; /* libvirt URI, -oc; NULL: libvirt's default */
    double seconds;         /* duration of the conversion, without the copy */
};

/* What a q35 machine has room for. */
enum { TARGET_CDS = 6, TARGET_FLOPPIES = 2 };

struct target {
    const char *name; /* of -o */
    const char *help;
    bool copies;        /* are the disks copied? */
    bool large_sectors; /* can a disk have sectors of 4096 bytes? */
    bool first_boots;   /* can no other disk than the first boot? */
    bool packs;         /* into one file NAME.name; the images are removed */
    const char *format; /* the only format it can use; NULL: any */
    /* Can it write to -os FOLDER? Checked before any work; NULL: no check. */
    int (*check)(const char *folder, struct error *err);
    /* Write the description; NULL: no description. */
    int (*write)(const struct result *result, struct error *err);
};

extern const struct target target_local, target_libvirt, target_qemu,
    target_json, target_kubevirt, target_openstack, target_ova, target_ovirt,
    target_proxmox, target_null;

const struct target *target_find(const char *name);
const struct target *target_at(size_t i);

/* Write NAME.xml, a libvirt domain. */
int target_write_domain(const struct result *result, struct error *err);

/* The document of -o json and plan --json; the caller frees it. */
char *target_json_text(const struct result *result, struct error *err);
