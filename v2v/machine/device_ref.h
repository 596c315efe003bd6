/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a name of a device says, in any form that a Linux guest writes it. */
#pragma once
#include <stdbool.h>

enum { DEVICE_TEXT_MAX = 255 };

enum device_kind {
    DEVICE_OTHER,  /* a terminal, a CD drive, /dev/null: of no disk */
    DEVICE_TAG,    /* of the content or the table: the same on any machine */
    DEVICE_PLACE,  /* of a disk's place: sda2, nvme0n1p2 */
    DEVICE_OPAQUE, /* of the old machine's hardware: by-path, a serial */
    DEVICE_MAPPED, /* /dev/mapper/NAME */
    DEVICE_ARRAY,  /* /dev/md0, /dev/md/NAME */
    DEVICE_VOLUME, /* /dev/GROUP/VOLUME */
    DEVICE_ROOT,   /* /dev/root: whatever "/" is */
};

struct device_ref {
    enum device_kind kind;
    /* TAG: "UUID", "LABEL", "PARTUUID" or "PARTLABEL", or "" for a link that
     * names what LVM, RAID or the mapper made. */
    const char *tag;
    /* TAG: its value.  PLACE and OPAQUE: the name of the whole disk.  Else the
     * name without the folder. */
    char text[DEVICE_TEXT_MAX + 1];
    char letters[4];    /* PLACE by letters: "b" of sdb */
    int disk;           /* the disk's number from 0, if the name has one; else
                         * -1 */
    unsigned partition; /* 0: the whole disk, or not known */
};

/* NAME is a tag, or a path in /dev.  Returns false for anything else. */
bool device_parse(const char *name, struct device_ref *ret);

/* The number of a device as kernels take it in root=: "801", "0x801",
 * "8:1". */
bool device_parse_number(const char *text, struct device_ref *ret);
