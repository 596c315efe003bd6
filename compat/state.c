/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The library's statements about itself. */
#include <config.h>

#include <errno.h>
#include <stdlib.h>

#include "compat-own.h"
#include "compat/handle.h"

enum { STATE_CONFIG = 0, STATE_READY = 2 };

/* Programs compare it with the version they need, so it is that of the
 * header. */
struct guestfs_version *
own_version(guestfs_h *g)
{
    struct guestfs_version *v = calloc(1, sizeof *v);
    int major = 0, minor = 0, release = 0;

    if (v && sscanf(COMPAT_VERSION, "%d.%d.%d", &major, &minor, &release) > 0)
        v->extra = strdup("");
    if (!v || !v->extra) {
        free(v);
        call_no_memory(g);
        return NULL;
    }
    v->major = major;
    v->minor = minor;
    v->release = release;
    return v;
}

static bool
is_ready(guestfs_h *g)
{
    bool ready = false;

    return mayfly_is_ready(g->m, &ready) == 0 && ready;
}

int
own_get_state(guestfs_h *g)
{
    return is_ready(g) ? STATE_READY : STATE_CONFIG;
}

/* A call here is over before another one can ask. */
int
own_is_launching(guestfs_h *g)
{
    (void)g;
    return 0;
}

int
own_is_busy(guestfs_h *g)
{
    (void)g;
    return 0;
}

int
own_wait_ready(guestfs_h *g)
{
    if (!is_ready(g))
        return call_error(g, EINVAL, "the appliance is not launched yet");
    return 0;
}

int64_t
own_c_pointer(guestfs_h *g)
{
    return (int64_t)(intptr_t)g;
}

/* Programs ask for names also on a handle that is not launched, when mayfly
 * cannot ask an appliance: virt-df does, for names that other handles have
 * found.  In that case only the kinds of disks are translated; any other name
 * is right as it is. */
char *
own_canonical_device_name(guestfs_h *g, const char *device)
{
    static const char *const kinds[] = {"/dev/vd", "/dev/hd"};
    char *name = NULL;

    if (is_ready(g)) {
        if (mayfly_canonical_device_name(g->m, device, &name) < 0)
            call_mayfly_error(g);
        return name;
    }
    for (size_t i = 0; i < N_ELEMENTS(kinds); i++) {
        const char *rest = str_after(device, kinds[i]);

        if (!rest)
            continue;
        if (!(name = text_printf("/dev/sd%s", rest)))
            call_no_memory(g);
        return name;
    }
    return call_copy(g, device);
}
