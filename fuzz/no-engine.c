/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A handle without an engine and without disks: just enough of both for the
 * channel's fuzz target, which must not link the whole library. */
#include <config.h>

#include <stddef.h>

#include "lib/disk/disk.h"
#include "lib/engine/engine.h"
#include "lib/engine/plug.h"
#include "lib/mount_local/mount_local.h"

int
engine_start(struct mayfly *g, struct engine **ret, struct error *err)
{
    (void)g, (void)ret;
    return error_set(err, 1, "no engine");
}

int
engine_channel(struct engine *e)
{
    (void)e;
    return -1;
}

int
engine_bulk(struct engine *e)
{
    (void)e;
    return -1;
}

bool
engine_has_first(const struct engine *e)
{
    (void)e;
    return false;
}

int
engine_console(struct engine *e)
{
    (void)e;
    return -1;
}

void
engine_pump(struct engine *e)
{
    (void)e;
}

double
engine_hello_timeout(const struct engine *e)
{
    (void)e;
    return 0;
}

bool
engine_condemn(struct engine *e)
{
    (void)e;
    return false;
}

int
engine_stop(struct engine *e, struct error *err)
{
    (void)e, (void)err;
    return 0;
}

void
engine_kill(struct engine *e)
{
    (void)e;
}

char *
engine_diagnose(struct engine *e)
{
    (void)e;
    return NULL;
}

int
plug_disk(
    struct engine *e, const struct disk *d, unsigned target, struct error *err)
{
    (void)e, (void)d, (void)target;
    return error_set(err, 1, "no engine");
}

void
disk_free(struct disk *d)
{
    (void)d;
}

int
plug_check_writes(struct engine *e, struct error *err)
{
    (void)e, (void)err;
    return 0;
}

void
handle_unmount_local(struct mayfly *g)
{
    (void)g;
}
