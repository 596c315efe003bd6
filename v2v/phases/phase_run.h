/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The copy of a run with --phase. */
#pragma once
#include "v2v/run.h"

/* Do the phase's copy of GUEST's disks, if it has one, into what *ret holds
 * from then on; what is converted afterwards are the copies.  Tells its
 * errors; returns an exit code. */
int phase_run(const struct run *r, struct tool *tool, struct guest *guest,
    struct phases *ret);
