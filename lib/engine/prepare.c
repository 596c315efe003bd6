/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What all ways to start the appliance need: QEMU, the image, the cache. */
#include <config.h>

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/disk/disk.h"
#include "lib/engine/cpu.h"
#include "lib/engine/engine-internal.h"
#include "lib/handle/handle.h"
#include "lib/known/cache.h"
#include "lib/network/network.h"
#include "lib/qemu/find.h"

enum {
    /* MiB. cryptsetup makes keys that take 1 GiB to try.  Unused memory is a
     * hole in the saved appliance and costs nothing. */
    MEMORY = 2048,
};

void
launch_clear(struct launch *l)
{
    free(l->qemu);
    free(l->qemu_identity);
    free(l->cpu_tcg);
    free(l->cpu_kvm);
    appliance_image_close(&l->image);
    if (l->cache >= 0)
        close(l->cache);
    if (l->lock >= 0)
        close(l->lock);
    l->qemu = l->qemu_identity = l->cpu_tcg = l->cpu_kvm = NULL;
    l->cache = l->lock = -1;
}

int
launch_prepare(struct mayfly *g, struct launch *ret, struct error *err)
{
    struct launch l = {
        .g = g,
        .image = {.kernel = -1, .initrd = -1},
        .user = cage_user(),
        .memory = g->memsize ? g->memsize : MEMORY,
        .needs = {.sandbox = true},
        .cache = -1,
        .lock = -1,
        .begin = monotonic_seconds(),
    };
    cleanup_error struct error why = {0};

    if (network_choose(g, &l.network, err) < 0 || !(l.qemu = qemu_find(err)) ||
        !(l.qemu_identity = qemu_identity(l.qemu, err)) ||
        appliance_image_open(&l.image, l.user, err) < 0) {
        launch_clear(&l);
        return -1;
    }
    l.cpu_tcg = cpu_model(false);
    l.cpu_kvm = cpu_model(true);
    if (!l.cpu_tcg || !l.cpu_kvm) {
        launch_clear(&l);
        return error_no_memory(err);
    }
    if (engine_cache_open(g, &l.cache, &why) < 0)
        handle_warning(
            g, "%s; the appliance is booted each time", error_text(&why));
    *ret = l;
    return 0;
}
