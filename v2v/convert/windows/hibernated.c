/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "v2v/convert/windows/windows.h"

/* Exit codes of ntfs-3g.probe(8), see ntfs_3g_probe. */
enum { PROBE_HIBERNATED = 14, PROBE_UNCLEAN = 15 };

int
windows_hibernated(struct conversion *c, struct error *err)
{
    const char *device = c->job.root->root;
    int32_t state;

    if (mayfly_ntfs_3g_probe(c->job.g, true, device, &state) < 0)
        return job_fail(&c->job, err);
    switch (state) {
    case 0:
        return 0;
    case PROBE_HIBERNATED:
        return conversion_tell(c, FINDING_BLOCKED, NULL, err,
            "Windows on %s is hibernated, or was shut down for a fast start; "
            "start it and run 'shutdown /s /t 0'",
            device);
    case PROBE_UNCLEAN:
        return conversion_tell(c, FINDING_BLOCKED, NULL, err,
            "Windows on %s was not shut down; start it and run "
            "'shutdown /s /t 0'",
            device);
    default:
        return conversion_tell(c, FINDING_BLOCKED, NULL, err,
            "cannot write the Windows file system on %s (%d)", device,
            (int)state);
    }
}
