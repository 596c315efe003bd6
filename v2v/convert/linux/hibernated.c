/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A hibernated system keeps its memory in its swap space, and the file system
 * state in that memory is older than what a conversion writes: resumed, it
 * would destroy the file systems. */
#include <config.h>

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "v2v/convert/linux/steps.h"

/* The kernel marks a swap space, or a file, with an image at the end of its
 * first page. */
static int
examine_file(struct conversion *c, const char *path, struct error *err)
{
    static const char mark[] = "S1SUSPEND";
    enum { MARK_AT = 4086 };
    cleanup_free void *data = NULL;
    size_t n;

    if (!job_is_file(&c->job, path) ||
        mayfly_pread(c->job.g, path, sizeof mark, MARK_AT, &data, &n) < 0 ||
        n != sizeof mark || memcmp(data, mark, sizeof mark) != 0)
        return 0;
    return conversion_tell(c, FINDING_BLOCKED, path, err,
        "the system is hibernated, with its memory in this file; start it and "
        "shut it down first");
}

/* The swap files of fstab. */
static int
examine_files(struct conversion *c, struct error *err)
{
    cleanup_free char *text = conversion_read(c, "/etc/fstab", NULL, err);

    if (!text)
        return err->code ? -1 : 0;
    for (const char *line = text; line; line = strchr(line, '\n')) {
        char path[256], folder[256], type[16];

        line += *line == '\n';
        if (sscanf(line, "%255[^ \t\n]%*[ \t]%255[^ \t\n]%*[ \t]%15[^ \t\n]",
                path, folder, type) == 3 &&
            path[0] == '/' && !str_after(path, "/dev/") &&
            str_equal(type, "swap") && examine_file(c, path, err) < 0)
            return -1;
    }
    return 0;
}

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
    return examine_files(c, err);
}
