/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Adding disks: the options of libguestfs become mayfly's. */
#include <config.h>

#include <errno.h>
#include <stdlib.h>

#include "compat-own.h"
#include "compat/handle.h"
#include "domain/remote.h"

#define HAS(option) (o->bitmask & GUESTFS_ADD_DRIVE_OPTS_##option##_BITMASK)

/* Adding such a disk succeeds and only launching with it fails: programs that
 * just look at what they added, or trace it, continue to work. */
static int
add_unreachable(guestfs_h *g, const char *protocol, const char *why)
{
    free(g->unreachable);
    g->unreachable =
        text_printf("Mayfly cannot reach a '%s' disk: %s", protocol, why);
    if (g->unreachable)
        return 0;
    call_no_memory(g);
    return -1;
}

static int
add_remote(guestfs_h *g, const char *filename,
    const struct guestfs_add_drive_opts_argv *o,
    const struct mayfly_add_drive_options *options)
{
    const char *user = HAS(USERNAME) ? o->username : NULL;
    char *const *servers = HAS(SERVER) ? o->server : NULL;
    cleanup_free char *uri = NULL;

    if (!remote_known(o->protocol))
        return add_unreachable(g, o->protocol, "unsupported protocol");
    if (HAS(SECRET))
        return add_unreachable(g, o->protocol, "it does not take a secret");
    if (strv_length(servers) != 1)
        return call_error(g, EINVAL,
            "add_drive: protocol '%s' takes one server, not %zu", o->protocol,
            strv_length(servers));
    uri = remote_uri(o->protocol, user, servers[0], filename);
    if (!uri) {
        call_no_memory(g);
        return -1;
    }
    if (mayfly_add_drive(g->m, uri, options) < 0)
        return call_mayfly_error(g);
    return 0;
}

int
own_launch(guestfs_h *g)
{
    if (g->unreachable)
        return call_error(g, ENOTSUP, "launch: %s", g->unreachable);
    g->launcher = getpid();
    return mayfly_launch(g->m) < 0 ? call_mayfly_error(g) : 0;
}

/* By tradition the null device is an empty disk: programs use it to launch
 * without a disk. */
static int
add_null(guestfs_h *g, const struct guestfs_add_drive_opts_argv *o)
{
    enum { SMALLEST = 4096 };
    struct mayfly_add_drive_scratch_options options = {0};

    if (HAS(NAME)) {
        options.name = o->name;
        options.set |= MAYFLY_ADD_DRIVE_SCRATCH_NAME;
    }
    if (HAS(LABEL)) {
        options.label = o->label;
        options.set |= MAYFLY_ADD_DRIVE_SCRATCH_LABEL;
    }
    if (HAS(BLOCKSIZE)) {
        options.blocksize = o->blocksize;
        options.set |= MAYFLY_ADD_DRIVE_SCRATCH_BLOCKSIZE;
    }
    if (mayfly_add_drive_scratch(g->m, SMALLEST, &options) < 0)
        return call_mayfly_error(g);
    return 0;
}

static void
take_options(const struct guestfs_add_drive_opts_argv *o,
    struct mayfly_add_drive_options *ret)
{
    *ret = (struct mayfly_add_drive_options){
        .set = (HAS(READONLY) ? MAYFLY_ADD_DRIVE_READONLY : 0) |
               (HAS(FORMAT) ? MAYFLY_ADD_DRIVE_FORMAT : 0) |
               (HAS(NAME) ? MAYFLY_ADD_DRIVE_NAME : 0) |
               (HAS(LABEL) ? MAYFLY_ADD_DRIVE_LABEL : 0) |
               (HAS(CACHEMODE) ? MAYFLY_ADD_DRIVE_CACHEMODE : 0) |
               (HAS(DISCARD) ? MAYFLY_ADD_DRIVE_DISCARD : 0) |
               (HAS(COPYONREAD) ? MAYFLY_ADD_DRIVE_COPYONREAD : 0) |
               (HAS(BLOCKSIZE) ? MAYFLY_ADD_DRIVE_BLOCKSIZE : 0),
        .readonly = o->readonly != 0,
        .format = o->format,
        .name = o->name,
        .label = o->label,
        .cachemode = o->cachemode,
        .discard = o->discard,
        .copyonread = o->copyonread != 0,
        .blocksize = o->blocksize,
    };
    /* Only a disk that is read can be copied on read; libguestfs ignores the
     * option as well. */
    if (!ret->readonly)
        ret->set &= ~MAYFLY_ADD_DRIVE_COPYONREAD;
}

/* *iface* has no meaning any more, neither in libguestfs nor here. */
int
own_add_drive(guestfs_h *g, const char *filename,
    const struct guestfs_add_drive_opts_argv *o)
{
    struct mayfly_add_drive_options options;
    cleanup_free char *real = NULL, *backing = NULL;
    const char *allow[2] = {NULL};

    take_options(o, &options);
    if (HAS(PROTOCOL) && !str_equal(o->protocol, "file"))
        return add_remote(g, filename, o, &options);
    if (str_equal(filename, "/dev/null"))
        return add_null(g, o);
    /* A relative backing file belongs to the folder of the image, not to that
     * of a link to it. */
    real = realpath(filename, NULL);
    backing = real ? overlay_backing(real) : NULL;
    if (backing) {
        allow[0] = backing;
        options.allow = allow;
        options.set |= MAYFLY_ADD_DRIVE_ALLOW;
    }
    if (mayfly_add_drive(g->m, real ? real : filename, &options) < 0)
        return call_mayfly_error(g);
    return 0;
}

int
own_add_drive_ro(guestfs_h *g, const char *filename)
{
    struct guestfs_add_drive_opts_argv o = {
        .bitmask = GUESTFS_ADD_DRIVE_OPTS_READONLY_BITMASK, .readonly = 1};

    return own_add_drive(g, filename, &o);
}

int
own_add_cdrom(guestfs_h *g, const char *filename)
{
    return own_add_drive_ro(g, filename);
}

int
own_add_drive_ro_with_if(guestfs_h *g, const char *filename, const char *iface)
{
    (void)iface;
    return own_add_drive_ro(g, filename);
}

int
own_add_drive_with_if(guestfs_h *g, const char *filename, const char *iface)
{
    struct guestfs_add_drive_opts_argv o = {0};

    (void)iface;
    return own_add_drive(g, filename, &o);
}
