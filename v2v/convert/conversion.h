/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A guest being converted: its file systems are mounted in an appliance, and
 * every change to them goes through here, so that it is reported. */
#pragma once
#include <mayfly.h>

#include "customize/operations.h"
#include "v2v/convert/report.h"
#include "v2v/convert/volumes.h"
#include "v2v/disks/disks.h"

/* A kernel of the guest that could boot. */
struct kernel {
    char *version; /* as in /lib/modules */
    char *image;   /* /boot/vmlinuz-VERSION, or any other name */
    char *initrd;  /* NULL: none */
    bool has_modules, has_block, has_net;
    bool in_menu;    /* an entry of a boot loader starts it */
    bool is_default; /* the loader's settings say that it starts first */
    bool is_unified; /* one file with its initramfs and command line (UKI) */
    /* The drivers it needs that are modules, as file names below
     * /lib/modules/VERSION. */
    char **modules;
};

struct conversion {
    struct job job; /* the handle and the root, shared with customize/ */
    const struct guest *guest;
    const struct disks *disks;
    struct report report;
    struct kernel *kernels; /* the first is the one that will boot */
    size_t n_kernels;
    struct volumes *volumes;  /* NULL: not yet listed */
    char *root_device;        /* of a "/" in a subvolume; or NULL */
    char **system_partitions; /* where the ESP and the like are mounted */
    char **own_mounts;        /* those that we mounted */
    bool loader_installed;    /* our own, before the first partition */
    bool rebuild_initramfs;
    bool kernel_from_host; /* the guest has none of its own */
    bool has_net_manner;   /* the next one is known */
    int net_manner;        /* enum net_manner, of net/decide.h */
    bool local_time;       /* found: the guest keeps the hardware clock in local
                            * time */
    const char *modules;   /* folder of the host's kernel; or NULL */
    const char *virtio_win; /* drivers for Windows, an ISO or a folder */
};

/* The text of a file; NULL without error if there is no such file, or if it is
 * too large, which is reported. */
char *conversion_read(struct conversion *c, const char *path, size_t *ret_size,
    struct error *err);

/* Give a file a new text, or create it.  If the text is unchanged, nothing
 * happens and nothing is reported. */
int conversion_write(struct conversion *c, const char *path, const char *text,
    const char *what, const char *why, struct error *err);

/* Append bytes to a file. */
int conversion_append(struct conversion *c, const char *path, const char *data,
    size_t size, const char *what, const char *why, struct error *err);

/* Remove a small text file or a link, if it exists. */
int conversion_remove(struct conversion *c, const char *path, const char *what,
    const char *why, struct error *err);

/* Make a link where nothing exists yet. */
int conversion_link(struct conversion *c, const char *target, const char *path,
    const char *what, const char *why, struct error *err);

/* The paths that match, sorted; NULL with an error. */
char **conversion_glob(
    struct conversion *c, const char *pattern, struct error *err);

/* Report a finding, FINDING_REVIEW or FINDING_BLOCKED. */
int conversion_tell(struct conversion *c, enum finding_level level,
    const char *path, struct error *err, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

void conversion_clear(struct conversion *c);
#define cleanup_conversion __attribute__((cleanup(conversion_clear)))
