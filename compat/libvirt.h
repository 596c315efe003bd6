/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the drop-in uses of libvirt.  Programs that never name a domain shall
 * not need libvirt, so it is no dependency: it is loaded when first asked
 * for, by the types of its own header. */
#pragma once
#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>

#include "compat/handle.h"

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

/* -1 with the error told, if it is not installed or lacks something. */
int libvirt_load(guestfs_h *g, struct libvirt *ret);

/* How to ask for passwords: by the program's handler of
 * GUESTFS_EVENT_LIBVIRT_AUTH, if it has one and said what it can answer, else
 * as libvirt itself does. */
virConnectAuth libvirt_auth(guestfs_h *g, const struct libvirt *v);
