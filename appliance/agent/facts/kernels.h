/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside facts/: kernels and what starts them. */
#pragma once
#include <stdbool.h>

#include "appliance/agent/call/memory.h"

struct facts;

/* A file that a boot loader reads: in the guest's tree, or on a partition that
 * the guest does not mount. */
struct boot_file {
    int root;   /* directory that PATH is below */
    char *path; /* "" : there is none */
    char *shown;
};

/* Something that a loader's menu can start. */
struct boot_start {
    const char *loader, *menu; /* where it is written */
    unsigned line;
    const char *number, *title, *id, *options, *search;
    const char *kernel, *initrd; /* as written; NULL: none */
    struct boot_file kernel_file, initrd_file;
    bool is_default, is_sure;
};

/* All entries of all loaders; struct boot_start. */
void boot_starts(struct facts *f, struct list *ret);

/* The version of a kernel's file, "" if it does not say. */
const char *kernel_version_of(
    struct facts *f, const struct boot_file *file, bool *ret_is_kernel);

/* The versions that have modules; const char *. */
void kernel_versions(struct facts *f, struct list *ret);

/* A file of /lib/modules/VERSION; NULL: there is none. */
char *kernel_modules_file(
    struct facts *f, const char *version, const char *name);

/* "kernel/drivers/block/virtio_blk.ko.xz" -> "virtio_blk"; NULL: no module. */
char *module_name(struct facts *f, const char *path, size_t n);

/* Drivers that matter for a boot on another machine. */
bool module_matters(const char *name);
