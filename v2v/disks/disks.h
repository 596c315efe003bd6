/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The disks of the new machine, and how the guest's names map to them.
 *
 * Xen can give a guest single partitions of a disk, each with its own image;
 * other machines have whole disks only.  So the guest's disks are sorted into
 * target disks: each is one whole disk, or several partitions with their
 * numbers.  Where the guest's names are of several kinds (sda, vda, nvme0n1),
 * they get new letters in the order of the source.  Target disk I is /dev/sd<I>
 * in the appliance and /dev/vd<I> in the new machine. */
#pragma once
#include <mayfly.h>

#include "v2v/copy/image.h"
#include "v2v/copy/server.h"
#include "v2v/disks/raw_view.h"
#include "v2v/disks/workspace.h"
#include "v2v/machine/guest.h"

enum { DISK_PARTS_MAX = 16 };

struct target_part {
    const struct guest_disk *disk;
    unsigned number; /* the guest's number of the partition; 0: a whole disk */
    unsigned placed; /* its number in the new table; 0: no table is made */
    char *path;      /* of a raw file with its content */
    char *format;    /* of what PATH was made from; NULL: not looked at */
    struct raw_view *view; /* presents that file, if it is not the image */
    uint64_t start, size;  /* bytes; start: in the new disk */
};

struct target_disk {
    char *letters; /* "a" of xvda */
    struct target_part parts[DISK_PARTS_MAX];
    size_t n_parts;
    bool assembled; /* made from partitions, or wrapped */
    char *base;     /* the overlay's backing file */
    char *part;     /* json: name, if the disk is a part of base; or NULL */
    char *format;   /* of the base */
    char *overlay;  /* qcow2, where the conversion happens */
    uint64_t size;
    int sector_size;    /* that the new machine has to give it: 512 or 4096 */
    bool own;           /* we made the base, and it becomes the result */
    struct image image; /* that base, with its digests */
};

struct disks {
    struct target_disk *items;
    size_t n;
    bool relettered; /* the guest's names are of several kinds */
    size_t boot;     /* which of them boots */
    bool boot_known;
    char boot_device[16];       /* its name in the appliance */
    struct workspace workspace; /* for overlays */
    bool in_place;              /* no overlays: change the images themselves */
    const char *format;         /* of the result; NULL: nothing is copied */
    bool sums;                  /* checksums of the results are requested */
    const struct tool *tool;    /* which other files the images may name */
    uint64_t bwlimit; /* bytes per second from a network; 0: no limit */
    int sector_size;  /* of the source's disks; 0: as their tables say */
    size_t parallel;  /* disks copied at the same time; 0: all */
};

/* Sort the disks of GUEST, which must outlive the result. */
int disks_sort(const struct guest *guest, struct disks *ret, struct error *err);

/* Make the overlays in a folder of their own below FOLDER and add them to G,
 * which is not launched yet. */
int disks_open(struct disks *disks, const char *folder, struct mayfly *g,
    struct error *err);

/* Add the disk with its sectors. */
void disks_set_sectors(
    const struct target_disk *t, struct mayfly_add_drive_options *options);

/* The place of the I-th in the boot order, from 1. */
size_t disks_boot_order(const struct disks *disks, size_t i);

/* An error that names what is in that folder names the disk of the source then;
 * always -1. */
int disks_explain(const struct disks *disks, struct error *err);

/* Drop the overlays and their bases, so that the disks can be opened again. */
void disks_reset(struct disks *disks);

/* The appliance's device for a guest's name such as "/dev/xvda2"; NULL if it
 * has none. */
char *disks_device(const struct disks *disks, const char *name);

void disks_clear(struct disks *disks);
#define cleanup_disks __attribute__((cleanup(disks_clear)))
