/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The disks in the XML of a libvirt domain, as documented in
 * https://libvirt.org/formatdomain.html#hard-drives-floppy-disks-cdroms.  Does
 * not use libvirt itself. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

enum { DOMAIN_DISKS_MAX = 256, DOMAIN_XML_MAX = 1 << 24 };

struct domain_disk {
    char *filename;      /* or the name on the server; NULL: see volume */
    char *pool, *volume; /* only libvirt knows their path */
    char *format;        /* libvirt's name for it; NULL: not given */
    char *protocol;      /* NULL: a file or a block device of this host */
    char **servers;      /* "HOST" or "HOST:PORT", "unix:PATH" */
    char *user;
    /* The libvirt secret that opens the LUKS in a raw disk, by either; NULL:
     * none */
    char *secret_uuid, *secret_usage;
    bool read_only; /* read-only for the guest */
    int block_size; /* 0: not given */
};

struct domain_disks {
    struct domain_disk disk[DOMAIN_DISKS_MAX];
    size_t n;
};

/* One <disk>.  Without a source, or with a source that is not a disk of bytes,
 * it has neither a filename nor a volume.  The caller clears it, after an error
 * as well. */
struct _xmlNode;
int domain_disk_read(
    const struct _xmlNode *disk, struct domain_disk *ret, struct error *err);

void domain_disk_clear(struct domain_disk *disk);
#define cleanup_domain_disk __attribute__((cleanup(domain_disk_clear)))

/* Disks without a source (an empty drive), or with a source that is not a disk
 * of bytes, are left out, as libguestfs does.  A disk that only a libvirt
 * secret opens is an error. */
int domain_disks_read(
    const char *xml, size_t size, struct domain_disks *ret, struct error *err);

void domain_disks_free(struct domain_disks *disks);
void domain_disks_freep(struct domain_disks **disks);
#define cleanup_domain_disks __attribute__((cleanup(domain_disks_freep)))
