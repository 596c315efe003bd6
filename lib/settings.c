/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The handle's settings: one getter and one setter each. */
#include <config.h>

#include "lib/engine/engine.h"
#include "lib/handle/handle.h"
#include "lib/handle/result.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int
need_config(struct mayfly *g, const char *call)
{
    error_clear(&g->error);
    if (g->state != HANDLE_CONFIG)
        return error_set(
            &g->error, EBUSY, "%s: only possible before launch", call);
    return 0;
}

#define SETTING(type, name, condition)                                         \
    MAYFLY_PUBLIC int mayfly_set_##name(struct mayfly *g, type value)          \
    {                                                                          \
        if (condition)                                                         \
            return -1;                                                         \
        g->name = value;                                                       \
        return 0;                                                              \
    }                                                                          \
    GETTER(type, name)

#define GETTER(type, name)                                                     \
    MAYFLY_PUBLIC int mayfly_get_##name(struct mayfly *g, type *ret)           \
    {                                                                          \
        error_clear(&g->error);                                                \
        *ret = g->name;                                                        \
        return 0;                                                              \
    }

SETTING(bool, verbose, (error_clear(&g->error), false))
SETTING(bool, trace, (error_clear(&g->error), false))
SETTING(bool, autosync, (error_clear(&g->error), false))
SETTING(bool, network, need_config(g, "set_network") < 0)
SETTING(bool, recovery_proc, need_config(g, "set_recovery_proc") < 0)
SETTING(bool, read_only, need_config(g, "set_read_only") < 0)

static int
out_of_range(struct mayfly *g, const char *call, int value, int low, int high)
{
    if (value >= low && value <= high)
        return 0;
    return error_set(
        &g->error, EINVAL, "%s: %d is not in %d..%d", call, value, low, high);
}

static int
check_memsize(struct mayfly *g, int value)
{
    enum { LEAST = 256, MOST = 65536 };

    if (need_config(g, "set_memsize") < 0)
        return -1;
    return value == 0 ? 0 : out_of_range(g, "set_memsize", value, LEAST, MOST);
}

static int
check_smp(struct mayfly *g, int value)
{
    if (need_config(g, "set_smp") < 0)
        return -1;
    return out_of_range(g, "set_smp", value, 1, 255);
}

SETTING(int, memsize, check_memsize(g, value) < 0)
SETTING(int, smp, check_smp(g, value) < 0)

MAYFLY_PUBLIC int
mayfly_set_timeout(struct mayfly *g, int32_t seconds)
{
    error_clear(&g->error);
    if (out_of_range(g, "set_timeout", seconds, 0, 86400) < 0)
        return -1;
    g->timeout = seconds;
    return 0;
}

/* --- strings --- */

static int
give(struct mayfly *g, const char *value, char **ret)
{
    char *copy = strdup(value);

    error_clear(&g->error);
    if (!copy)
        return error_no_memory(&g->error);
    *ret = copy;
    return 0;
}

static int
keep(struct mayfly *g, const char *value, char **ret_field)
{
    char *copy = value ? strdup(value) : NULL;

    if (value && !copy)
        return error_no_memory(&g->error);
    free(*ret_field);
    *ret_field = copy;
    return 0;
}

MAYFLY_PUBLIC int
mayfly_set_identifier(struct mayfly *g, const char *identifier)
{
    static const char good[] = "abcdefghijklmnopqrstuvwxyz"
                               "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";

    error_clear(&g->error);
    if (!identifier || strlen(identifier) > 64 ||
        identifier[strspn(identifier, good)] != 0)
        return error_set(&g->error, EINVAL,
            "set_identifier: not 1 to 64 letters, digits and ._-");
    return keep(g, identifier, &g->run_id);
}

MAYFLY_PUBLIC int
mayfly_get_identifier(struct mayfly *g, char **ret)
{
    return give(g, g->run_id, ret);
}

MAYFLY_PUBLIC int
mayfly_set_cachedir(struct mayfly *g, const char *cachedir)
{
    if (need_config(g, "set_cachedir") < 0)
        return -1;
    return keep(g, cachedir, &g->cachedir);
}

MAYFLY_PUBLIC int
mayfly_get_cachedir(struct mayfly *g, char **ret)
{
    if (g->cachedir)
        return give(g, g->cachedir, ret);
    error_clear(&g->error);

    char *path = handle_cachedir(g, &g->error);
    if (!path)
        return -1;
    *ret = path;
    return 0;
}

MAYFLY_PUBLIC int
mayfly_set_tmpdir(struct mayfly *g, const char *tmpdir)
{
    if (need_config(g, "set_tmpdir") < 0)
        return -1;
    return keep(g, tmpdir, &g->tmpdir);
}

MAYFLY_PUBLIC int
mayfly_get_tmpdir(struct mayfly *g, char **ret)
{
    return give(g, handle_tmpdir(g), ret);
}

MAYFLY_PUBLIC int
mayfly_version(struct mayfly *g, struct mayfly_version **ret)
{
    struct wire_arena *arena;
    struct mayfly_version *v = result_new(sizeof *v, &arena);

    error_clear(&g->error);
    if (v)
        v->extra = wire_arena_alloc(arena, 64);
    if (!v || !v->extra ||
        sscanf(PACKAGE_VERSION, "%ld.%ld.%ld%63s", &v->major, &v->minor,
            &v->release, v->extra) < 3) {
        result_free(v);
        return error_set(&g->error, ENOMEM, "version: no memory");
    }
    *ret = v;
    return 0;
}

MAYFLY_PUBLIC int
mayfly_is_config(struct mayfly *g, bool *ret)
{
    error_clear(&g->error);
    *ret = g->state == HANDLE_CONFIG;
    return 0;
}

MAYFLY_PUBLIC int
mayfly_get_pid(struct mayfly *g, int32_t *ret)
{
    pid_t pid = g->state == HANDLE_READY ? engine_pid(g->engine) : 0;

    if (pid == 0)
        return error_set(&g->error, EINVAL, "get_pid: no QEMU is running");
    error_clear(&g->error);
    *ret = (int32_t)pid;
    return 0;
}

MAYFLY_PUBLIC int
mayfly_is_ready(struct mayfly *g, bool *ret)
{
    error_clear(&g->error);
    *ret = g->state == HANDLE_READY;
    return 0;
}
