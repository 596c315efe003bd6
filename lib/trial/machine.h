/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* QEMU as an ordinary machine, with the disks of a handle, in the cage. */
#pragma once
#include <stdbool.h>

#include "base/error.h"
#include "lib/qemu/process.h"

struct mayfly;
struct qmp;

struct trial_request {
    int memory; /* MiB */
    bool uefi;
    size_t first; /* the disk to boot from */
};

struct trial {
    char *binary;
    struct qemu_process process;
    struct qmp *qmp;
    int qmp_fd, console; /* -1: none */
};

int trial_start(struct mayfly *g, const struct trial_request *request,
    struct trial *ret, struct error *err);

/* It has ended by itself: 0 if in good order, else why. */
int trial_end(struct trial *t, struct error *err);

/* What its screen shows, as a PNG, to the file PATH. */
int trial_take_picture(struct trial *t, const char *path, struct error *err);

/* End it, in any state. */
void trial_clear(struct trial *t);
#define cleanup_trial __attribute__((cleanup(trial_clear)))
