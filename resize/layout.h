/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the partitions of a disk are, and where they are to be.  Nothing here
 * knows of images or of the appliance. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum layout_table { LAYOUT_GPT, LAYOUT_MBR };

enum slot_use {
    SLOT_KEEP,   /* with its content */
    SLOT_IGNORE, /* without it */
    SLOT_DELETE,
};

/* A partition, in sectors; ends are the last ones. */
struct slot {
    int number;
    bool extended, logical;
    uint64_t start, end;
    uint64_t new_start, new_end;
    enum slot_use use;
    uint64_t wanted; /* its size is to be this; 0: as it is */
    bool forced;     /* cut off without a look at what is in it */
    char *device;    /* "/dev/sda1" */
    char *type;      /* what it holds, "ext4"; "" if that is unknown */
};

/* In the order of the disk; the extended one comes before what is in it. */
struct layout {
    enum layout_table table;
    uint32_t sector_size;
    uint64_t sectors;     /* of the disk as it is */
    uint64_t new_sectors; /* as it is to be */
    uint64_t alignment;   /* of what moves */
    bool align_first;
    struct slot *slots;
    size_t n;
};

/* Is what the table says possible?  The error names what is not. */
int layout_check(struct layout *l, struct error *err);

/* Places when no start may change.  EXPAND: up to what follows it; or NULL. */
int layout_in_place(struct layout *l, struct slot *expand, struct error *err);

/* Places on a disk of `new_sectors`: partitions follow each other from the
 * first that changes on.  EXPAND gets the rest, SHRINK gives what is missing;
 * or NULL. */
int layout_place(struct layout *l, struct slot *expand, struct slot *shrink,
    struct error *err);

/* How many sectors at the end of the new disk are in no partition. */
uint64_t layout_rest(const struct layout *l, uint64_t *ret_start);

/* Can the new disk be made from a plain copy of the old one: does nothing move,
 * shrink, go or stay behind? */
bool layout_is_copy(const struct layout *l);

void layout_clear(struct layout *l);
#define cleanup_layout __attribute__((cleanup(layout_clear)))

static inline uint64_t
slot_size(const struct slot *s)
{
    return s->end - s->start + 1;
}

static inline uint64_t
slot_new_size(const struct slot *s)
{
    return s->new_end - s->new_start + 1;
}
