/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a copy in phases has to remember between its runs. */
#pragma once
#include <stdbool.h>

#include "v2v/machine/guest.h"

struct phase_disk {
    char *source; /* as the guest's configuration names it */
    char *format; /* of our copy */
};

struct phase_state {
    struct phase_disk disks[GUEST_DISKS_MAX];
    size_t n;
    unsigned passes; /* that came to their end */
    bool whole;      /* nothing is being written */
    bool converted;  /* the copy may be more than the source's content */
    char *boot;      /* of the host, when it was written */
};

/* Read FOLDER/state.json; 0 with ret->n = 0 if there is none. */
int phase_state_read(
    const char *folder, struct phase_state *ret, struct error *err);
int phase_state_write(
    const char *folder, const struct phase_state *state, struct error *err);

/* The host's present boot, as the kernel numbers it; to be freed. */
char *phase_state_boot(struct error *err);

void phase_state_clear(struct phase_state *state);
