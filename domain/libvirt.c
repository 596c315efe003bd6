/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <config.h>

#ifdef HAVE_LIBVIRT
#include "domain/libvirt.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

/* Never unloaded: it has threads, and the program may be using it itself. */
int
libvirt_load(struct libvirt *ret, struct error *err)
{
    void *library = dlopen("libvirt.so.0", RTLD_NOW);
    const char *missing = NULL;

    if (!library)
        return error_set(err, ENOTSUP,
            "cannot load libvirt (package libvirt0): %s", dlerror());
#define LOAD(name)                                                             \
    ret->name = (__typeof__(ret->name))dlsym(library, #name);                  \
    if (!ret->name)                                                            \
        missing = #name;
    LIBVIRT_FUNCTIONS(LOAD)
#undef LOAD
    ret->default_auth = dlsym(library, "virConnectAuthPtrDefault");
    if (!ret->default_auth)
        missing = "virConnectAuthPtrDefault";
    if (missing)
        return error_set(
            err, ENOTSUP, "libvirt on this host lacks %s", missing);
    return 0;
}

/* Keep libvirt from printing errors that no one asked for; we report them
 * ourselves. */
static void
ignore_error(void *data, virErrorPtr error)
{
    (void)data;
    (void)error;
}

/* The connection is not read-only, since libvirt would then hide the paths of
 * some disks. */
virConnectPtr
libvirt_connect(const struct libvirt *v, const char *uri,
    virConnectAuthPtr auth, struct error *err)
{
    virConnectPtr connection =
        v->virConnectOpenAuth(uri, auth ? auth : *v->default_auth, 0);

    if (connection)
        v->virConnSetErrorFunc(connection, NULL, ignore_error);
    else
        error_set(err, ECONNREFUSED,
            "cannot connect to libvirt%s%s: %s; start its daemon, or name "
            "another connection",
            uri ? " at " : "", uri ? uri : "", v->virGetLastErrorMessage());
    return connection;
}

virDomainPtr
libvirt_find(const struct libvirt *v, virConnectPtr connection,
    const char *name, bool allow_uuid, struct error *err)
{
    virDomainPtr domain = NULL;

    if (allow_uuid)
        domain = v->virDomainLookupByUUIDString(connection, name);
    if (!domain)
        domain = v->virDomainLookupByName(connection, name);
    if (!domain)
        error_set(err, ENOENT,
            "no libvirt domain called '%s': %s; 'virsh list --all' shows them",
            name, v->virGetLastErrorMessage());
    return domain;
}

int
libvirt_is_off(
    const struct libvirt *v, virDomainPtr domain, bool *ret, struct error *err)
{
    virDomainInfo info;

    if (v->virDomainGetInfo(domain, &info) < 0)
        return error_set(err, EIO, "the state of the libvirt domain: %s",
            v->virGetLastErrorMessage());
    *ret = info.state == VIR_DOMAIN_SHUTOFF;
    return 0;
}

static int
find_volume(const struct libvirt *v, virConnectPtr connection,
    struct domain_disk *d, struct error *err)
{
    virStoragePoolPtr pool = v->virStoragePoolLookupByName(connection, d->pool);
    virStorageVolPtr volume =
        pool ? v->virStorageVolLookupByName(pool, d->volume) : NULL;

    if (volume)
        d->filename = v->virStorageVolGetPath(volume);
    if (volume)
        v->virStorageVolFree(volume);
    if (pool)
        v->virStoragePoolFree(pool);
    if (!d->filename)
        return error_set(err, ENOENT,
            "volume '%s' in the libvirt pool '%s': %s", d->volume, d->pool,
            v->virGetLastErrorMessage());
    return 0;
}

int
libvirt_disks(const struct libvirt *v, virDomainPtr domain,
    struct domain_disks **ret, struct error *err)
{
    struct domain_disks *disks cleanup_domain_disks = calloc(1, sizeof *disks);
    cleanup_free char *xml = v->virDomainGetXMLDesc(domain, 0);

    if (!xml)
        return error_set(err, EIO, "the XML of the libvirt domain: %s",
            v->virGetLastErrorMessage());
    if (!disks)
        return error_no_memory(err);
    if (domain_disks_read(xml, strlen(xml), disks, err) < 0)
        return error_context(err, "the libvirt domain");
    if (disks->n == 0)
        return error_set(err, ENOENT, "the libvirt domain has no disks");
    for (size_t i = 0; i < disks->n; i++) {
        if (!disks->disk[i].filename &&
            find_volume(
                v, v->virDomainGetConnect(domain), &disks->disk[i], err) < 0)
            return -1;
    }
    *ret = steal_pointer(&disks);
    return 0;
}

int
libvirt_secret(const struct libvirt *v, virConnectPtr connection,
    const struct domain_disk *disk, unsigned char **ret, size_t *ret_size,
    struct error *err)
{
    const char *name =
        disk->secret_uuid ? disk->secret_uuid : disk->secret_usage;
    virSecretPtr secret = disk->secret_uuid
                              ? v->virSecretLookupByUUIDString(connection, name)
                              : v->virSecretLookupByUsage(connection,
                                    VIR_SECRET_USAGE_TYPE_VOLUME, name);
    unsigned char *value =
        secret ? v->virSecretGetValue(secret, ret_size, 0) : NULL;

    if (!value)
        error_set(err, EACCES, "the secret %s of %s: %s", name, disk->filename,
            v->virGetLastErrorMessage());
    if (secret)
        v->virSecretFree(secret);
    if (!value)
        return -1;
    if (*ret_size > DOMAIN_SECRET_MAX) {
        explicit_bzero(value, *ret_size);
        free(value);
        return error_set(err, E2BIG, "the secret %s of %s is longer than %d",
            name, disk->filename, DOMAIN_SECRET_MAX);
    }
    *ret = value;
    return 0;
}
#endif
