/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The copy in a run with --phase. */
#pragma once
#include "v2v/run.h"

/* Copy GUEST's disks, if the phase copies; *ret then holds the copies.  GUEST's
 * disks become the copies, which are converted afterwards.  Prints its errors;
 * returns an exit code. */
int phase_run(const struct run *r, struct tool *tool, struct guest *guest,
    struct phases *ret);
