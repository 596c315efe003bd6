/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The part of QEMU's command line that names files: each is an open one, handed
 * over with the process. */
#pragma once
#include "base/error.h"
#include "lib/qemu/process.h"

struct mayfly;

struct devices {
    char **argv;
    int files[PROCESS_FILES_MAX]; /* become 3, 4, ...; ours to close */
    int n_files;
};

/* Hand over FD, of which a copy is made.  Its number in QEMU. */
int devices_add_file(struct devices *d, int fd, struct error *err);

/* All disks of the handle, in order, over throwaway layers. */
int devices_add_disks(
    struct devices *d, struct mayfly *g, size_t first, struct error *err);

/* UEFI firmware; else QEMU has its BIOS. */
int devices_add_firmware(struct devices *d, struct error *err);

void devices_clear(struct devices *d);
