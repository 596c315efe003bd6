/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include <stddef.h>

#include "base/cleanup.h"
#include "v2v/linux/steps.h"

int
linux_convert(struct conversion *c, struct error *err)
{
    /* Kernels first, since the loader's settings name them; the initramfs
     * last, since it repeats what the others changed. */
    static int (*const steps[])(struct conversion *, struct error *) = {
        linux_kernels,
        linux_names,
        linux_bootloader,
        linux_console,
        linux_network,
        linux_leftovers,
        linux_initramfs,
    };

    for (size_t i = 0; i < N_ELEMENTS(steps); i++)
        if (steps[i](c, err) < 0)
            return -1;
    return 0;
}
