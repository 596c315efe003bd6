/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "appliance/agent/inspect/detect.h"

#include "base/cleanup.h"

static const struct detector *const detectors[] = {
    /* Before Linux, which they resemble. */
    &freebsd_detector,
    &netbsd_detector,
    &openbsd_detector,
    &hurd_detector,
    &minix_detector,
    &linux_detector,
    &windows_detector,
    &dos_detector,
    &parts_detector,
};

const struct detector *
detect(struct call *c, int root, const char **ret_role)
{
    for (size_t i = 0; i < N_ELEMENTS(detectors); i++) {
        *ret_role = detectors[i]->role(c, root);
        if (*ret_role)
            return detectors[i];
    }
    *ret_role = "other";
    return NULL;
}
