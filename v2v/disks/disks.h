/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The disks of the new machine, and how the guest's names lead to them.
 *
 * Xen can give a guest the partitions of a disk one by one, each an image of
 * its own; other machines have whole disks only.  So the guest's disks are
 * sorted into target disks: one that is whole, or several parts with their
 * numbers.  Target disk I is /dev/sd<I> in the appliance and /dev/vd<I> in
 * the new machine. */
#pragma once
#include <mayfly.h>

#include "v2v/copy/image.h"
#include "v2v/copy/server.h"
#include "v2v/disks/workspace.h"
#include "v2v/machine/guest.h"

enum { DISK_PARTS_MAX = 16 };

struct target_part {
    const struct guest_disk *disk;
    unsigned number; /* of the partition, as the guest has it; 0: all of it */
    unsigned placed; /* its number in the new table; 0: no table is made */
    char *path;      /* of a raw file with its content */
    struct server server; /* who shows that file, if it is not the image */
    uint64_t start, size; /* bytes; start: in the new disk */
};

struct target_disk {
    char *letters; /* "a" of xvda */
    struct target_part parts[DISK_PARTS_MAX];
    size_t n_parts;
    bool assembled; /* made of parts, or wrapped */
    char *base;     /* what the overlay stands on */
    char *part;     /* how it is called if it is a part of that; or NULL */
    char *format;   /* of the base */
    char *overlay;  /* qcow2, where the conversion happens */
    uint64_t size;
    bool own;           /* the base was made by us and becomes the result */
    struct image image; /* if so; it knows its digests */
};

struct disks {
    struct target_disk *items;
    size_t n;
    struct workspace workspace; /* for overlays */
    bool in_place;      /* no overlays: the images themselves are changed */
    const char *format; /* of the result; NULL: nothing is copied */
    bool sums;          /* somebody wants to know those of the results */
    uint64_t bwlimit;   /* bytes a second from a network; 0: none */
};

/* Sort the disks of GUEST; it must outlive the result. */
int disks_sort(const struct guest *guest, struct disks *ret, struct error *err);

/* Make the overlays in a folder of their own below FOLDER and add them to G,
 * which is not launched yet. */
int disks_open(struct disks *disks, const char *folder, struct mayfly *g,
    struct error *err);

/* Forget the overlays and what they stand on, to open the disks anew. */
void disks_reset(struct disks *disks);

/* The device of the appliance for a name of the guest, "/dev/xvda2"; NULL if
 * there is none. */
char *disks_device(const struct disks *disks, const char *name);

void disks_clear(struct disks *disks);
#define cleanup_disks __attribute__((cleanup(disks_clear)))
