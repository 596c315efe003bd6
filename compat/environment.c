/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* LIBGUESTFS_*: settings that users pass to the library independently of the
 * program. */
#include <config.h>

#include <errno.h>
#include <limits.h>
#include <stdlib.h>

#include "compat-own.h"
#include "compat/handle.h"

extern char **environ;

struct variable {
    const char *name;
    int (*set)(guestfs_h *g, const char *name, const char *value);
};

static int
parse_bool(guestfs_h *g, const char *name, const char *value, bool *ret)
{
    static const char *const yes[] = {"1", "true", "t", "yes", "y", "on"};
    static const char *const no[] = {"0", "false", "f", "no", "n", "off"};

    for (size_t i = 0; i < N_ELEMENTS(yes); i++) {
        if (strcasecmp(value, yes[i]) == 0) {
            *ret = true;
            return 0;
        }
        if (strcasecmp(value, no[i]) == 0) {
            *ret = false;
            return 0;
        }
    }
    return call_error(g, EINVAL, "%s=%s: non-boolean value", name, value);
}

static int
set_debug(guestfs_h *g, const char *name, const char *value)
{
    bool on;

    return parse_bool(g, name, value, &on) < 0 ? -1 : own_set_verbose(g, on);
}

static int
set_trace(guestfs_h *g, const char *name, const char *value)
{
    bool on;

    return parse_bool(g, name, value, &on) < 0 ? -1 : own_set_trace(g, on);
}

static int
set_memsize(guestfs_h *g, const char *name, const char *value)
{
    char *end;
    long n;

    errno = 0;
    n = strtol(value, &end, 10);
    if (errno || *end || end == value || n < 0 || n > INT_MAX)
        return call_error(g, EINVAL, "%s=%s: not a memory size", name, value);
    return own_set_memsize(g, (int)n);
}

static int
set_tmpdir(guestfs_h *g, const char *name, const char *value)
{
    (void)name;
    return own_set_tmpdir(g, value);
}

static int
set_cachedir(guestfs_h *g, const char *name, const char *value)
{
    (void)name;
    return own_set_cachedir(g, value);
}

static int
set_path(guestfs_h *g, const char *name, const char *value)
{
    (void)name;
    return own_set_path(g, value);
}

static int
set_hv(guestfs_h *g, const char *name, const char *value)
{
    (void)name;
    return own_set_hv(g, value);
}

static int
set_append(guestfs_h *g, const char *name, const char *value)
{
    (void)name;
    return own_set_append(g, value);
}

static int
set_backend(guestfs_h *g, const char *name, const char *value)
{
    (void)name;
    return own_set_backend(g, value);
}

static int
set_backend_settings(guestfs_h *g, const char *name, const char *value)
{
    cleanup_strv char **list = NULL;
    cleanup_free char *copy = strdup(value);
    char *place = NULL;

    (void)name;
    if (!copy)
        return call_error(g, ENOMEM, "out of memory");
    for (char *s = strtok_r(copy, ":", &place); s;
         s = strtok_r(NULL, ":", &place)) {
        if (strv_append(&list, s) < 0)
            return call_error(g, ENOMEM, "out of memory");
    }
    return list ? own_set_backend_settings(g, list) : 0;
}

static const struct variable variables[] = {
    {"LIBGUESTFS_APPEND", set_append},
    {"LIBGUESTFS_BACKEND", set_backend},
    {"LIBGUESTFS_ATTACH_METHOD", set_backend},
    {"LIBGUESTFS_BACKEND_SETTINGS", set_backend_settings},
    {"LIBGUESTFS_CACHEDIR", set_cachedir},
    {"LIBGUESTFS_DEBUG", set_debug},
    {"LIBGUESTFS_HV", set_hv},
    {"LIBGUESTFS_QEMU", set_hv},
    {"LIBGUESTFS_MEMSIZE", set_memsize},
    {"LIBGUESTFS_PATH", set_path},
    {"LIBGUESTFS_TMPDIR", set_tmpdir},
    {"LIBGUESTFS_TRACE", set_trace},
};

static int
read_one(guestfs_h *g, const char *assignment)
{
    for (size_t i = 0; i < N_ELEMENTS(variables); i++) {
        const char *rest = str_after(assignment, variables[i].name);

        /* An empty value means not set. */
        if (rest && rest[0] == '=' && rest[1])
            return variables[i].set(g, variables[i].name, rest + 1);
    }
    return 0;
}

int
own_parse_environment_list(guestfs_h *g, char *const *list)
{
    for (size_t i = 0; list[i]; i++) {
        if (read_one(g, list[i]) < 0)
            return -1;
    }
    return 0;
}

int
own_parse_environment(guestfs_h *g)
{
    return own_parse_environment_list(g, environ);
}
