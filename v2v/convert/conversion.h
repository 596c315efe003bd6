/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A guest being converted: its file systems are mounted in an appliance, and
 * whatever is done to them goes through here, so that the report knows it. */
#pragma once
#include <mayfly.h>

#include "customize/operations.h"
#include "v2v/convert/report.h"
#include "v2v/disks/disks.h"

/* A kernel of the guest that could boot. */
struct kernel {
    char *version; /* as in /lib/modules */
    char *image;   /* /boot/vmlinuz-VERSION */
    char *initrd;  /* NULL: none */
    bool has_modules, has_block, has_net;
    /* Which of the drivers it needs are modules, as names of files below
     * /lib/modules/VERSION. */
    char **modules;
};

struct conversion {
    struct job job; /* the handle and the root, for what customize/ shares */
    const struct guest *guest;
    const struct disks *disks;
    struct report report;
    struct kernel *kernels; /* the one that will boot is the first */
    size_t n_kernels;
    bool loader_installed; /* ours, in front of the first partition */
    bool rebuild_initramfs;
    bool local_time; /* found: it takes the machine's clock for local time */
    const char *modules;    /* of the host's kernel, a folder; or NULL */
    const char *virtio_win; /* drivers for Windows, an ISO or a folder */
};

/* All the steps for a Linux guest, in their order. */
int linux_convert(struct conversion *c, struct error *err);

/* The text of a file; NULL without error if there is no such file. */
char *conversion_read(struct conversion *c, const char *path, size_t *ret_size,
    struct error *err);

/* Give a file a new text, or make it.  Nothing happens and nothing is
 * reported if it is the old one. */
int conversion_write(struct conversion *c, const char *path, const char *text,
    const char *what, const char *why, struct error *err);

/* Append bytes to a file. */
int conversion_append(struct conversion *c, const char *path, const char *data,
    size_t size, const char *what, const char *why, struct error *err);

/* Remove a small text file or a link, if it is there. */
int conversion_remove(struct conversion *c, const char *path, const char *what,
    const char *why, struct error *err);

/* Make a link where nothing is yet. */
int conversion_link(struct conversion *c, const char *target, const char *path,
    const char *what, const char *why, struct error *err);

/* The paths that match, sorted; NULL with an error. */
char **conversion_glob(
    struct conversion *c, const char *pattern, struct error *err);

/* Tell what has to be looked at, FINDING_REVIEW or FINDING_BLOCKED. */
int conversion_tell(struct conversion *c, enum finding_level level,
    const char *path, struct error *err, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/* "UUID=..." of a device that the guest calls NAME, "PARTUUID=..." of a
 * partition whose content has no UUID; NULL without error if it is no disk of
 * the guest, or has neither. */
char *conversion_uuid(
    struct conversion *c, const char *name, struct error *err);

void conversion_clear(struct conversion *c);
#define cleanup_conversion __attribute__((cleanup(conversion_clear)))
