/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "v2v/phases/phase_run.h"

#include <errno.h>

#include "base/cleanup.h"
#include "v2v/print.h"

static int
accept_disk(struct guest_disk *d, struct mayfly *g)
{
    const struct mayfly_add_drive_options options = {
        .set = MAYFLY_ADD_DRIVE_FORMAT | MAYFLY_ADD_DRIVE_READONLY,
        .format = d->format,
        .readonly = true,
    };
    return mayfly_add_drive(g, d->path, &options);
}

/* QEMU only opens images that the library has accepted, with all their backing
 * files. */
static int
accept_disks(struct guest *guest, struct tool *tool, struct error *err)
{
    struct mayfly *g = tool_handle(tool);
    int r = g ? 0 : error_no_memory(err);

    for (size_t i = 0; r == 0 && i < guest->n_disks; i++) {
        struct guest_disk *d = &guest->disks[i];

        if (!d->removable && !d->reader && accept_disk(d, g) < 0)
            r = tool_handle_error(g, err);
    }
    tool_signals_watch(NULL);
    mayfly_close(g);
    return r;
}

int
phase_run(const struct phase_job *job, struct tool *tool, struct guest *guest,
    struct phases *ret)
{
    cleanup_error struct error err = {0};
    struct phase_totals totals;

    if (accept_disks(guest, tool, &err) < 0 ||
        phases_open(ret, job->phase, job->folder, guest, job->format, &err) < 0)
        return tool_give_up(&err, TOOL_INPUT);
    if (job->phase != PHASE_REHEARSE) {
        if (phases_copy(ret, guest, &job->options, &totals, &err) < 0)
            return tool_give_up(&err, TOOL_FAILED);
        if (!job->quiet)
            present_pass(totals.read, totals.written);
    }
    if ((job->phase == PHASE_REHEARSE || job->phase == PHASE_FINAL) &&
        phases_use(ret, guest, &err) < 0)
        return tool_give_up(&err, TOOL_FAILED);
    return TOOL_OK;
}
