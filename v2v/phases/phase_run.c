/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "v2v/phases/phase_run.h"

#include <errno.h>

#include "base/cleanup.h"
#include "v2v/print.h"

int
phase_run(const struct phase_job *job, struct guest *guest, struct phases *ret)
{
    cleanup_error struct error err = {0};
    struct phase_totals totals;

    if (phases_open(ret, job->phase, job->folder, guest, job->format, &err) < 0)
        return tool_give_up(&err, TOOL_INPUT);
    if (job->phase != PHASE_REHEARSE) {
        if (phases_copy(ret, guest, &job->options, &totals, &err) < 0)
            return tool_give_up(
                &err, err.code == ENOMEDIUM ? TOOL_INPUT : TOOL_FAILED);
        if (!job->quiet)
            present_pass(totals.read, totals.written);
    }
    if ((job->phase == PHASE_REHEARSE || job->phase == PHASE_FINAL) &&
        phases_use(ret, guest, &err) < 0)
        return tool_give_up(&err, TOOL_FAILED);
    return TOOL_OK;
}
