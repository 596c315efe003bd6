/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What Mayfly uses from libvirt for the disks of a domain.  Programs
 * that never name a domain must not need it, so it is not a dependency: it is
 * loaded on first use, with the types of its own header. */
#pragma once
#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "domain/disks.h"

enum { DOMAIN_SECRET_MAX = 65536 };

#define LIBVIRT_FUNCTIONS(F)                                                   \
    F(virConnectOpenAuth)                                                      \
    F(virConnectClose)                                                         \
    F(virConnSetErrorFunc)                                                     \
    F(virDomainLookupByUUIDString)                                             \
    F(virDomainLookupByName)                                                   \
    F(virDomainGetConnect)                                                     \
    F(virDomainGetInfo)                                                        \
    F(virDomainGetXMLDesc)                                                     \
    F(virDomainFree)                                                           \
    F(virSecretLookupByUUIDString)                                             \
    F(virSecretLookupByUsage)                                                  \
    F(virSecretGetValue)                                                       \
    F(virSecretFree)                                                           \
    F(virStoragePoolLookupByName)                                              \
    F(virStoragePoolFree)                                                      \
    F(virStorageVolLookupByName)                                               \
    F(virStorageVolGetPath)                                                    \
    F(virStorageVolFree)                                                       \
    F(virGetLastErrorMessage)

struct libvirt {
#define LIBVIRT_MEMBER(name) __typeof__(name) *name;
    LIBVIRT_FUNCTIONS(LIBVIRT_MEMBER)
#undef LIBVIRT_MEMBER
    virConnectAuthPtr *default_auth;
};

/* Fails if libvirt is not installed or lacks a function. */
int libvirt_load(struct libvirt *ret, struct error *err);

/* URI NULL: libvirt's default; AUTH NULL: libvirt asks in its own way.  The
 * caller closes the connection. */
virConnectPtr libvirt_connect(const struct libvirt *v, const char *uri,
    virConnectAuthPtr auth, struct error *err);

/* By name, or with ALLOW_UUID first by UUID; the caller frees it. */
virDomainPtr libvirt_find(const struct libvirt *v, virConnectPtr connection,
    const char *name, bool allow_uuid, struct error *err);

int libvirt_is_off(
    const struct libvirt *v, virDomainPtr domain, bool *ret, struct error *err);

/* The disks of a domain, volumes by their paths; a domain without disks is an
 * error. */
int libvirt_disks(const struct libvirt *v, virDomainPtr domain,
    struct domain_disks **ret, struct error *err);

/* The value of the secret that opens DISK; the caller wipes and frees it. */
int libvirt_secret(const struct libvirt *v, virConnectPtr connection,
    const struct domain_disk *disk, unsigned char **ret, size_t *ret_size,
    struct error *err);
