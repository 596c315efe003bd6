/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is on the guest's disks: each disk, partition, array and volume in the
 * appliance, with all by which a guest can name it. */
#pragma once
#include <mayfly.h>

#include "base/error.h"

struct volume {
    char *device; /* the appliance's name */
    char *uuid, *label, *type, *part_uuid, *part_label; /* "": none */
    bool linked; /* udev makes a link with its UUID */
};

struct volumes {
    struct volume *items;
    size_t n;
    size_t n_arrays;
    char **logical;  /* "/dev/GROUP/VOLUME" */
    size_t n_locked; /* encrypted and not opened */
    /* Learned from the guest's files: what the old machine called the disk
     * with the guest's "/", and which one it is here; NULL: nothing. */
    char *root_name, *root_disk;
    bool is_reordered; /* the disks are in another order than it knew */
    char **opened;     /* names that crypttab and the like give */
    char **told;       /* what was reported already */
    char **taken;      /* devices that a name was found to mean for sure */
};

/* NULL with an error. */
struct volumes *volumes_list(struct mayfly *g, struct error *err);

/* By the appliance's name; NULL: none. */
const struct volume *volumes_find(const struct volumes *v, const char *device);

/* How many have that tag, not counting those that share it rightly (members of
 * one array or one btrfs); *ret_first is one of them. */
size_t volumes_by_tag(const struct volumes *v, const char *tag,
    const char *value, const struct volume **ret_first);

/* Is NAME, as in /dev/mapper, a logical volume? */
bool volumes_is_mapped(const struct volumes *v, const char *name);

/* NULL is fine. */
void volumes_free(struct volumes *v);
