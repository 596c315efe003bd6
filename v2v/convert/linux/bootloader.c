/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Theory of operation: the names in the files of every installed boot loader
 * are changed in place (names.c), and so are the settings from which the guest
 * generates them: the next update boots the same.  No program of the guest
 * runs.
 *
 * A disk without a loader gets ours (loader.h), which reads the guest's
 * grub.cfg.  A guest without one, whose kernel was read by pygrub or given by
 * the host, also gets /boot/grub/mayfly.cfg. */
#include <config.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "v2v/convert/linux/edit.h"
#include "v2v/convert/linux/loader_install.h"
#include "v2v/convert/linux/steps.h"

static const char why[] = "disks have other names on the new machine";

/* This setting makes GRUB use names instead of UUIDs, which was right under
 * Xen. */
static int
wants_names(const char *line)
{
    const char *value = str_after(line, "GRUB_DISABLE_LINUX_UUID=");

    return value && strstr(value, "true");
}

static int
edit_settings(struct conversion *c, const char *pattern, struct error *err)
{
    cleanup_free char **paths = conversion_glob(c, pattern, err);

    if (!paths)
        return -1;
    for (char **path = paths; *path; path++) {
        cleanup_free char *text = conversion_read(c, *path, NULL, err);

        if (!text && err->code)
            return -1;
        if (!text)
            continue;
        cleanup_free char *changed = edit_comment_out(text, wants_names, err);
        if (!changed || conversion_write(c, *path, changed,
                            "GRUB uses UUIDs again", why, err) < 0)
            return -1;
    }
    return 0;
}

/* --- what is not edited --- */

static int
tell_unknown(struct conversion *c, struct error *err)
{
    if (job_is_file(&c->job, "/etc/lilo.conf") &&
        !job_is_dir(&c->job, "/boot/grub"))
        return conversion_tell(c, FINDING_BLOCKED, "/etc/lilo.conf", err,
            "LILO records where its files are on the disk, which only works in "
            "the running guest; install GRUB there first");
    return 0;
}

int
linux_bootloader(struct conversion *c, struct error *err)
{
    if (edit_settings(c, "/etc/default/grub", err) < 0 ||
        edit_settings(c, "/etc/default/grub.d/*.cfg", err) < 0 ||
        tell_unknown(c, err) < 0)
        return -1;
    return loader_install(c, err);
}
