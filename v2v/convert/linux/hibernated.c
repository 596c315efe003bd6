/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A hibernated system keeps its memory in its swap space, and the file system
 * state in that memory is older than what a conversion writes: resumed, it
 * would destroy the file systems. */
#include <config.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "v2v/convert/linux/steps.h"

int
linux_hibernated(struct conversion *c, struct error *err)
{
    /* libblkid's name for a swap space with a hibernation image. */
    static const char hibernated[] = "swsuspend";
    cleanup_free char **found = NULL; /* devices and types, in turn */

    if (mayfly_list_filesystems(c->job.g, &found) < 0)
        return job_fail(&c->job, err);
    for (char **p = found; p[0] && p[1]; p += 2)
        if (str_equal(p[1], hibernated) &&
            conversion_tell(c, FINDING_BLOCKED, NULL, err,
                "the system is hibernated, with its memory on %s; start it and "
                "shut it down first",
                p[0]) < 0)
            return -1;
    return 0;
}
