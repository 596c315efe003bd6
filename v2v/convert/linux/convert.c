/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include <stddef.h>

#include "base/cleanup.h"
#include "v2v/convert/linux/steps.h"
#include "v2v/convert/systems.h"

/* Files made from outside the guest have no label yet. */
static int
relabel(struct conversion *c, struct error *err)
{
    static const char path[] = "/.autorelabel";
    cleanup_undo struct undo undo = {.kind = UNDO_REMOVE};
    bool before = job_exists(&c->job, path);

    if (selinux_relabel(&c->job, err) < 0)
        return -1;
    if (before || !job_exists(&c->job, path))
        return 0;
    return report_change(&c->report, path,
        "SELinux labels will be set at the first boot",
        "files were written from outside", &undo, err);
}

static int
convert(struct conversion *c, struct error *err)
{
    /* Kernels first, since the loader's settings name them; the initramfs last,
     * since it includes what the others changed. */
    static int (*const steps[])(struct conversion *, struct error *) = {
        linux_hibernated,
        linux_system_partitions,
        linux_kernels,
        linux_names,
        linux_bootloader,
        linux_uefi,
        linux_console,
        linux_network,
        linux_leftovers,
        linux_hardware,
        linux_surroundings,
        linux_initramfs,
        linux_system_partitions_close,
        relabel,
    };

    for (size_t i = 0; i < N_ELEMENTS(steps); i++)
        if (steps[i](c, err) < 0)
            return -1;
    return 0;
}

const struct guest_system system_linux = {.type = "linux", .convert = convert};
