/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A target: what -o names.  It writes the description of the new machine
 * beside its disks.  One target is one file that ends in a table entry; the
 * table is in target.c. */
#pragma once
#include <mayfly.h>

#include "v2v/convert/report.h"
#include "v2v/disks/disks.h"

/* What there is to tell about the new machine. */
struct result {
    const struct guest *guest;
    const struct disks *disks;
    const struct mayfly_inspection_root *root;
    const struct report *report;
    char *const *images; /* of the disks, in their order; NULL: none made */
    char ***made;        /* the same; a target that moves them says so here */
    char *const *sums;   /* blkhash of each image; NULL as well */
    const char *folder;  /* of the images */
    const char *format;  /* of the images */
    const char *connection; /* of libvirt, -oc; NULL: its default */
    double seconds;         /* that the conversion took, without the copy */
};

struct target {
    const char *name; /* of -o */
    const char *help;
    bool copies;        /* are the disks copied? */
    bool packs;         /* into one file NAME.name; the images go */
    const char *format; /* the only one that it can use; NULL: any */
    /* Can it go to -os FOLDER?  Asked before any work; NULL: nothing to ask. */
    int (*check)(const char *folder, struct error *err);
    /* Write the description; NULL: there is none. */
    int (*write)(const struct result *result, struct error *err);
};

extern const struct target target_local, target_libvirt, target_qemu,
    target_json, target_kubevirt, target_openstack, target_ova, target_ovirt,
    target_proxmox, target_null;

const struct target *target_find(const char *name);
const struct target *target_at(size_t i);

/* Open FOLDER/NAME.ENDING for writing, under a temporary name. */
struct output;
int target_open(const struct result *result, const char *ending, unsigned mode,
    struct output *ret, struct error *err);

/* How targets write XML. */
extern const struct xml_style target_xml;

/* NAME.xml, a domain of libvirt. */
int target_write_domain(const struct result *result, struct error *err);

/* The document of -o json and of plan --json; to be freed. */
char *target_json_text(const struct result *result, struct error *err);
