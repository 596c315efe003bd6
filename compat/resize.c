/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Resizing ext file systems: theirs checks one that is not mounted first, as
 * resize2fs demands; ours leaves that to the caller. */
#include <config.h>

#include <stdlib.h>

#include "compat-own.h"
#include "compat/handle.h"

/* True if the call failed only for want of a check, which is now made. */
static bool
checked(guestfs_h *g, const char *device)
{
    const char *text = mayfly_last_error(g->m);
    struct mayfly_e2fsck_options options = {
        .set = MAYFLY_E2FSCK_FORCEALL, .forceall = true};

    return text && strstr(text, "e2fsck -f") &&
           mayfly_e2fsck(g->m, device, &options) == 0;
}

int
own_resize2fs(guestfs_h *g, const char *device)
{
    int result = mayfly_resize2fs(g->m, device);

    if (result < 0 && checked(g, device))
        result = mayfly_resize2fs(g->m, device);
    return result < 0 ? call_mayfly_error(g) : 0;
}

int
own_resize2fs_M(guestfs_h *g, const char *device)
{
    int result = mayfly_resize2fs_M(g->m, device);

    if (result < 0 && checked(g, device))
        result = mayfly_resize2fs_M(g->m, device);
    return result < 0 ? call_mayfly_error(g) : 0;
}

int
own_resize2fs_size(guestfs_h *g, const char *device, int64_t size)
{
    int result = mayfly_resize2fs_size(g->m, device, size);

    if (result < 0 && checked(g, device))
        result = mayfly_resize2fs_size(g->m, device, size);
    return result < 0 ? call_mayfly_error(g) : 0;
}
