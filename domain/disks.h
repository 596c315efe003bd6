/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The disks in the XML of a domain of libvirt, as
 * https://libvirt.org/formatdomain.html#hard-drives-floppy-disks-cdroms
 * tells it.  Knows nothing of libvirt itself. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

enum { DOMAIN_DISKS_MAX = 256, DOMAIN_XML_MAX = 1 << 24 };

struct domain_disk {
    char *filename;      /* or the name at the server; NULL: see volume */
    char *pool, *volume; /* only libvirt knows where that is */
    char *format;        /* as libvirt calls it; NULL: not told */
    char *protocol;      /* NULL: a file or a block device of this host */
    char **servers;      /* "HOST" or "HOST:PORT", "unix:PATH" */
    char *user;
    /* The secret of libvirt that opens the LUKS in a raw disk, by either;
     * NULL: none */
    char *secret_uuid, *secret_usage;
    bool read_only; /* marked so for the guest */
    int block_size; /* 0: not told */
};

struct domain_disks {
    struct domain_disk disk[DOMAIN_DISKS_MAX];
    size_t n;
};

/* Those without a source (an empty drive), or with one of a type that is no
 * disk of bytes, are left out, as libguestfs does it.  One that only a secret
 * of libvirt opens is an error. */
int domain_disks_read(
    const char *xml, size_t size, struct domain_disks *ret, struct error *err);

void domain_disks_free(struct domain_disks *disks);
void domain_disks_freep(struct domain_disks **disks);
#define cleanup_domain_disks __attribute__((cleanup(domain_disks_freep)))
