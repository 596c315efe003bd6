/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Properties of the handle.  Those with a meaning here are passed on to mayfly;
 * the others are stored and returned, because programs print them and save and
 * restore them. */
#include <config.h>

#include <errno.h>
#include <stdlib.h>

#include "compat-own.h"
#include "compat/handle.h"

/* The answers of libguestfs where nothing was set. */
enum {
    DEFAULT_MEMSIZE = 1280,
    LEAST_THERE = 128,
    LEAST_HERE = 256,
    MOST_HERE = 65536,
};
static const char default_path[] = COMPAT_APPLIANCE_PATH;
static const char default_backend[] = "direct";

void
properties_free(guestfs_h *g)
{
    free(g->unreachable);
    free(g->path);
    free(g->append);
    free(g->hv);
    free(g->backend);
    free(g->program);
    free(g->identifier);
    free(g->tmpdir);
    free(g->cachedir);
    strv_free(g->backend_settings);
}

static int
set_text(guestfs_h *g, char **property, const char *value)
{
    char *copy = NULL;

    if (value && !(copy = strdup(value))) {
        call_no_memory(g);
        return -1;
    }
    free(*property);
    *property = copy;
    return 0;
}

static int
check(guestfs_h *g, int result)
{
    return result < 0 ? call_mayfly_error(g) : result;
}

/* --- properties that mayfly has --- */

int
own_set_verbose(guestfs_h *g, int verbose)
{
    g->verbose = verbose != 0;
    event_listen(g);
    return check(g, mayfly_set_verbose(g->m, g->verbose));
}

int
own_get_verbose(guestfs_h *g)
{
    return g->verbose;
}

/* Not mayfly's own trace: that has another form, and a switch of its own. */
int
own_set_trace(guestfs_h *g, int trace)
{
    g->trace = trace != 0;
    return 0;
}

int
own_get_trace(guestfs_h *g)
{
    return g->trace;
}

int
own_set_memsize(guestfs_h *g, int memsize)
{
    /* Outside mayfly's range, the nearest value in it will do. */
    int here = memsize < LEAST_HERE  ? LEAST_HERE
               : memsize > MOST_HERE ? MOST_HERE
                                     : memsize;

    if (memsize < LEAST_THERE)
        return call_error(g, EINVAL, "set_memsize: %d MiB is less than %d",
            memsize, LEAST_THERE);
    if (check(g, mayfly_set_memsize(g->m, here)) < 0)
        return -1;
    g->memsize = memsize;
    return 0;
}

int
own_get_memsize(guestfs_h *g)
{
    return g->memsize ? g->memsize : DEFAULT_MEMSIZE;
}

int
own_set_identifier(guestfs_h *g, const char *identifier)
{
    /* Mayfly's rule for identifiers is stricter; it keeps its own. */
    return set_text(g, &g->identifier, identifier);
}

const char *
own_get_identifier(guestfs_h *g)
{
    return g->identifier ? g->identifier : "";
}

int
own_set_tmpdir(guestfs_h *g, const char *tmpdir)
{
    if (check(g, mayfly_set_tmpdir(g->m, tmpdir)) < 0)
        return -1;
    return set_text(g, &g->tmpdir, tmpdir);
}

char *
own_get_tmpdir(guestfs_h *g)
{
    const char *environment = getenv("TMPDIR");

    if (g->tmpdir)
        return call_copy(g, g->tmpdir);
    return call_copy(g, environment ? environment : "/tmp");
}

/* Saved appliances stay where they are, or each new folder would need its
 * own. */
int
own_set_cachedir(guestfs_h *g, const char *cachedir)
{
    return set_text(g, &g->cachedir, cachedir);
}

char *
own_get_cachedir(guestfs_h *g)
{
    const char *environment = getenv("TMPDIR");

    if (g->cachedir)
        return call_copy(g, g->cachedir);
    return call_copy(g, environment ? environment : "/var/tmp");
}

/* --- properties that are only stored --- */

int
own_set_pgroup(guestfs_h *g, int pgroup)
{
    g->pgroup = pgroup != 0;
    return 0;
}

int
own_get_pgroup(guestfs_h *g)
{
    return g->pgroup;
}

int
own_set_direct(guestfs_h *g, int direct)
{
    g->direct = direct != 0;
    return 0;
}

int
own_get_direct(guestfs_h *g)
{
    return g->direct;
}

int
own_set_selinux(guestfs_h *g, int selinux)
{
    g->selinux = selinux != 0;
    return 0;
}

int
own_get_selinux(guestfs_h *g)
{
    return g->selinux;
}

int
own_set_path(guestfs_h *g, const char *path)
{
    return set_text(g, &g->path, path);
}

const char *
own_get_path(guestfs_h *g)
{
    return g->path ? g->path : default_path;
}

int
own_set_append(guestfs_h *g, const char *append)
{
    return set_text(g, &g->append, append);
}

const char *
own_get_append(guestfs_h *g)
{
    return g->append;
}

int
own_set_hv(guestfs_h *g, const char *hv)
{
    return set_text(g, &g->hv, hv);
}

char *
own_get_hv(guestfs_h *g)
{
    return call_copy(g, own_get_qemu(g));
}

int
own_set_qemu(guestfs_h *g, const char *hv)
{
    return own_set_hv(g, hv);
}

const char *
own_get_qemu(guestfs_h *g)
{
    return g->hv ? g->hv : COMPAT_QEMU;
}

int
own_set_program(guestfs_h *g, const char *program)
{
    return set_text(g, &g->program, program);
}

const char *
own_get_program(guestfs_h *g)
{
    return g->program ? g->program : program_invocation_short_name;
}

char *
own_get_sockdir(guestfs_h *g)
{
    const char *runtime = getenv("XDG_RUNTIME_DIR");

    return call_copy(g, runtime ? runtime : "/tmp");
}

/* --- the backend: there is only one, under any name --- */

int
own_set_backend(guestfs_h *g, const char *backend)
{
    if (!str_equal(backend, "direct") && !str_equal(backend, "appliance") &&
        !str_equal(backend, "libvirt") && !str_after(backend, "libvirt:"))
        return call_error(g, EINVAL, "invalid backend: %s", backend);
    if (str_equal(backend, "appliance"))
        backend = default_backend;
    return set_text(g, &g->backend, backend);
}

char *
own_get_backend(guestfs_h *g)
{
    return call_copy(g, g->backend ? g->backend : default_backend);
}

int
own_set_attach_method(guestfs_h *g, const char *backend)
{
    return own_set_backend(g, backend);
}

/* In the past "direct" had another name. */
char *
own_get_attach_method(guestfs_h *g)
{
    const char *backend = g->backend ? g->backend : default_backend;

    if (str_equal(backend, default_backend))
        backend = "appliance";
    return call_copy(g, backend);
}

int
own_set_backend_settings(guestfs_h *g, char *const *settings)
{
    char **copy = strv_copy(settings);

    if (!copy && settings[0]) {
        call_no_memory(g);
        return -1;
    }
    strv_free(g->backend_settings);
    g->backend_settings = copy;
    return 0;
}

char **
own_get_backend_settings(guestfs_h *g)
{
    char **copy = g->backend_settings ? strv_copy(g->backend_settings) : NULL;

    return copy ? copy : calloc(1, sizeof *copy);
}

/* "NAME=VALUE", or "NAME" alone, which means 1. */
static const char *
setting_value(const char *setting, const char *name)
{
    const char *rest = str_after(setting, name);

    if (!rest || (*rest && *rest != '='))
        return NULL;
    return *rest ? rest + 1 : "1";
}

char *
own_get_backend_setting(guestfs_h *g, const char *name)
{
    for (size_t i = 0; g->backend_settings && g->backend_settings[i]; i++) {
        const char *value = setting_value(g->backend_settings[i], name);

        if (value)
            return call_copy(g, value);
    }
    call_error(g, ESRCH, "backend setting '%s' is not set", name);
    return NULL;
}

int
own_clear_backend_setting(guestfs_h *g, const char *name)
{
    char **v = g->backend_settings;
    size_t kept = 0;
    int cleared = 0;

    for (size_t i = 0; v && v[i]; i++) {
        if (setting_value(v[i], name)) {
            free(v[i]);
            cleared++;
        } else {
            v[kept++] = v[i];
        }
    }
    if (v)
        v[kept] = NULL;
    return cleared;
}

int
own_set_backend_setting(guestfs_h *g, const char *name, const char *value)
{
    own_clear_backend_setting(g, name);
    if (strv_printf(&g->backend_settings, "%s=%s", name, value) < 0) {
        call_no_memory(g);
        return -1;
    }
    return 0;
}
