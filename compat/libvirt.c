/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Adding the disks of a libvirt domain. */
#include <config.h>

#include <errno.h>

#include "compat-own.h"
#include "compat/handle.h"

#ifdef HAVE_LIBVIRT
#include "compat/libvirt.h"

#define HAS(option) (o->bitmask & GUESTFS_ADD_LIBVIRT_DOM_##option##_BITMASK)

/* --- one disk --- */

/* What to do with a disk that the guest may only read. */
enum policy { REFUSE, READ, WRITE, LEAVE_OUT };

static int
read_policy(guestfs_h *g, const char *name, enum policy *ret)
{
    static const char *const names[] = {"error", "read", "write", "ignore"};

    for (size_t i = 0; i < N_ELEMENTS(names); i++) {
        if (str_equal(name, names[i])) {
            *ret = (enum policy)i;
            return 0;
        }
    }
    return call_error(g, EINVAL,
        "invalid readonlydisk '%s': use error, read, write or ignore", name);
}

static int
add_disk(guestfs_h *g, const struct domain_disk *d,
    const struct guestfs_add_libvirt_dom_argv *o, enum policy policy)
{
    bool read_only = HAS(READONLY) && o->readonly;
    struct guestfs_add_drive_opts_argv a = {
        .bitmask = GUESTFS_ADD_DRIVE_OPTS_READONLY_BITMASK};

    if (d->read_only && policy == LEAVE_OUT)
        return 0;
    if (d->read_only && policy == REFUSE && !read_only)
        return call_error(g, EACCES,
            "%s is <readonly/> in the domain's XML, and readonlydisk is "
            "'error'",
            d->filename);
    a.readonly = read_only || (d->read_only && policy == READ);
#define TAKE(option, field, condition, value)                                  \
    if (condition) {                                                           \
        a.bitmask |= GUESTFS_ADD_DRIVE_OPTS_##option##_BITMASK;                \
        a.field = value;                                                       \
    }
    TAKE(FORMAT, format, d->format, d->format)
    TAKE(PROTOCOL, protocol, d->protocol, d->protocol)
    TAKE(SERVER, server, d->servers, d->servers)
    TAKE(USERNAME, username, d->user, d->user)
    TAKE(BLOCKSIZE, blocksize, d->block_size, d->block_size)
    TAKE(CACHEMODE, cachemode, HAS(CACHEMODE), o->cachemode)
    TAKE(DISCARD, discard, HAS(DISCARD), o->discard)
    TAKE(COPYONREAD, copyonread, HAS(COPYONREAD), o->copyonread)
#undef TAKE
    return own_add_drive(g, d->filename, &a);
}

/* --- a domain --- */

static int
report(guestfs_h *g, const struct error *err)
{
    return call_error(g, err->code, "%s", error_text(err));
}

static int
refuse_running(guestfs_h *g, const struct libvirt *v, virDomainPtr domain)
{
    struct error err cleanup_error = {0};
    bool off = false;

    if (libvirt_is_off(v, domain, &off, &err) < 0)
        return report(g, &err);
    if (off)
        return 0;
    return call_error(g, EBUSY,
        "the domain is a live virtual machine: writing to its disks would "
        "corrupt them; open it read-only (--ro)");
}

static int
add_disks(guestfs_h *g, const struct libvirt *v, virDomainPtr domain,
    const struct guestfs_add_libvirt_dom_argv *o, enum policy policy)
{
    struct error err cleanup_error = {0};
    struct domain_disks *disks cleanup_domain_disks = NULL;

    if (libvirt_disks(v, domain, &disks, &err) < 0)
        return report(g, &err);
    for (size_t i = 0; i < disks->n; i++)
        if (add_disk(g, &disks->disk[i], o, policy) < 0)
            return -1;
    return (int)disks->n;
}

static int
refuse_live(guestfs_h *g)
{
    return call_error(g, ENOTSUP, "cannot change a running domain from inside");
}

/* DOM is a virDomainPtr of the program. */
int
own_add_libvirt_dom(
    guestfs_h *g, void *dom, const struct guestfs_add_libvirt_dom_argv *o)
{
    struct error err cleanup_error = {0};
    enum policy policy = WRITE;
    struct libvirt v;

    if (HAS(READONLYDISK) && read_policy(g, o->readonlydisk, &policy) < 0)
        return -1;
    if (HAS(LIVE) && o->live)
        return refuse_live(g);
    if (libvirt_load(&v, &err) < 0)
        return report(g, &err);
    if (!(HAS(READONLY) && o->readonly) && refuse_running(g, &v, dom) < 0)
        return -1;
    return add_disks(g, &v, dom, o, policy);
}

static virConnectPtr
connect_to(
    guestfs_h *g, const struct libvirt *v, const char *uri, struct error *err)
{
    virConnectAuth auth = libvirt_auth(g, v);
    virConnectPtr connection;

    g->libvirt_uri = uri ? uri : "";
    connection = libvirt_connect(v, uri, &auth, err);
    g->libvirt_uri = NULL;
    g->credentials = NULL;
    g->n_credentials = 0;
    return connection;
}

#undef HAS
#define HAS(option) (o->bitmask & GUESTFS_ADD_DOMAIN_##option##_BITMASK)

static void
take_domain_options(const struct guestfs_add_domain_argv *o,
    struct guestfs_add_libvirt_dom_argv *ret)
{
#define TAKE(option, field)                                                    \
    if (HAS(option)) {                                                         \
        ret->bitmask |= GUESTFS_ADD_LIBVIRT_DOM_##option##_BITMASK;            \
        ret->field = o->field;                                                 \
    }
    TAKE(READONLY, readonly)
    TAKE(IFACE, iface)
    TAKE(LIVE, live)
    TAKE(READONLYDISK, readonlydisk)
    TAKE(CACHEMODE, cachemode)
    TAKE(DISCARD, discard)
    TAKE(COPYONREAD, copyonread)
#undef TAKE
}

int
own_add_domain(
    guestfs_h *g, const char *dom, const struct guestfs_add_domain_argv *o)
{
    struct guestfs_add_libvirt_dom_argv options = {0};
    struct error err cleanup_error = {0};
    virConnectPtr connection;
    virDomainPtr domain;
    struct libvirt v;
    int r;

    take_domain_options(o, &options);
    if (HAS(LIVE) && o->live)
        return refuse_live(g);
    if (libvirt_load(&v, &err) < 0)
        return report(g, &err);
    connection =
        connect_to(g, &v, HAS(LIBVIRTURI) ? o->libvirturi : NULL, &err);
    if (!connection)
        return report(g, &err);
    domain =
        libvirt_find(&v, connection, dom, HAS(ALLOWUUID) && o->allowuuid, &err);
    r = domain ? own_add_libvirt_dom(g, domain, &options) : report(g, &err);
    if (domain)
        v.virDomainFree(domain);
    v.virConnectClose(connection);
    return r;
}

#else

static int
not_built(guestfs_h *g)
{
    return call_error(g, ENOTSUP,
        "Mayfly was built without libvirt, so it cannot read domains");
}

int
own_add_libvirt_dom(
    guestfs_h *g, void *dom, const struct guestfs_add_libvirt_dom_argv *o)
{
    (void)dom;
    (void)o;
    return not_built(g);
}

int
own_add_domain(
    guestfs_h *g, const char *dom, const struct guestfs_add_domain_argv *o)
{
    (void)dom;
    (void)o;
    return not_built(g);
}

#endif
