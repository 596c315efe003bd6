/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The copy in a run with --phase. */
#pragma once
#include "tool/tool.h"
#include "v2v/phases/phases.h"

struct phase_job {
    enum phase phase;
    const char *folder, *format; /* of the result */
    struct phase_options options;
    bool quiet;
};

/* Copy GUEST's disks, if the phase copies; *ret then holds the copies.  GUEST's
 * disks become the copies, which are converted afterwards.  Prints its errors;
 * returns an exit code. */
int phase_run(
    const struct phase_job *job, struct guest *guest, struct phases *ret);
