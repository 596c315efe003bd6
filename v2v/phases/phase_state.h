/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a copy in phases has to keep between its runs. */
#pragma once
#include <stdbool.h>

#include "v2v/machine/guest.h"

struct phase_disk {
    char *source; /* its name in the guest's configuration */
    char *format; /* of our copy */
};

struct phase_state {
    struct phase_disk disks[GUEST_DISKS_MAX];
    size_t n;
    unsigned passes; /* number of completed passes */
    bool whole;      /* the last pass was completed */
    bool converted;  /* the copy may differ from the source after a
                      * conversion */
    char *boot;      /* the host's boot, when it was written */
};

/* Read FOLDER/state.json; returns 0 with ret->n = 0 if it does not exist. */
int phase_state_read(
    const char *folder, struct phase_state *ret, struct error *err);
int phase_state_write(
    const char *folder, const struct phase_state *state, struct error *err);

/* The kernel's ID of the host's current boot; the caller frees it. */
char *phase_state_boot(struct error *err);

void phase_state_clear(struct phase_state *state);
