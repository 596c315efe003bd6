/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A fake libvirt with one domain, "locked", that is off.  It tests what
 * libvirt's own test driver cannot do: that keeps no secrets.  FAKE_XML names
 * the file with the domain's XML, FAKE_SECRET the file with the value of its
 * only secret, FAKE_UUID that secret's UUID. */
#include <config.h>

#include <fcntl.h>
#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int thing;
static virConnectAuth default_auth;
virConnectAuthPtr virConnectAuthPtrDefault = &default_auth;

static char *
file_of(const char *variable, size_t *ret_size)
{
    const char *path = getenv(variable);
    int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    char *text = calloc(1, 65536);
    ssize_t n = fd < 0 ? -1 : read(fd, text, 65535);

    if (fd >= 0)
        close(fd);
    if (n < 0) {
        free(text);
        return NULL;
    }
    *ret_size = (size_t)n;
    return text;
}

virConnectPtr
virConnectOpenAuth(const char *name, virConnectAuthPtr auth, unsigned int flags)
{
    (void)name, (void)auth, (void)flags;
    return (virConnectPtr)&thing;
}

int
virConnectClose(virConnectPtr connection)
{
    (void)connection;
    return 0;
}

void
virConnSetErrorFunc(virConnectPtr connection, void *data, virErrorFunc handler)
{
    (void)connection, (void)data, (void)handler;
}

virDomainPtr
virDomainLookupByUUIDString(virConnectPtr connection, const char *uuid)
{
    (void)connection, (void)uuid;
    return NULL;
}

virDomainPtr
virDomainLookupByName(virConnectPtr connection, const char *name)
{
    (void)connection;
    return strcmp(name, "locked") == 0 ? (virDomainPtr)&thing : NULL;
}

virConnectPtr
virDomainGetConnect(virDomainPtr domain)
{
    (void)domain;
    return (virConnectPtr)&thing;
}

int
virDomainGetInfo(virDomainPtr domain, virDomainInfoPtr info)
{
    (void)domain;
    *info = (virDomainInfo){.state = VIR_DOMAIN_SHUTOFF};
    return 0;
}

char *
virDomainGetXMLDesc(virDomainPtr domain, unsigned int flags)
{
    size_t size;

    (void)domain, (void)flags;
    return file_of("FAKE_XML", &size);
}

int
virDomainFree(virDomainPtr domain)
{
    (void)domain;
    return 0;
}

virSecretPtr
virSecretLookupByUUIDString(virConnectPtr connection, const char *uuid)
{
    const char *known = getenv("FAKE_UUID");

    (void)connection;
    return known && strcmp(uuid, known) == 0 ? (virSecretPtr)&thing : NULL;
}

virSecretPtr
virSecretLookupByUsage(virConnectPtr connection, int type, const char *id)
{
    (void)connection, (void)type, (void)id;
    return NULL;
}

unsigned char *
virSecretGetValue(virSecretPtr secret, size_t *ret_size, unsigned int flags)
{
    (void)secret, (void)flags;
    return (unsigned char *)file_of("FAKE_SECRET", ret_size);
}

int
virSecretFree(virSecretPtr secret)
{
    (void)secret;
    return 0;
}

virStoragePoolPtr
virStoragePoolLookupByName(virConnectPtr connection, const char *name)
{
    (void)connection, (void)name;
    return NULL;
}

int
virStoragePoolFree(virStoragePoolPtr pool)
{
    (void)pool;
    return 0;
}

virStorageVolPtr
virStorageVolLookupByName(virStoragePoolPtr pool, const char *name)
{
    (void)pool, (void)name;
    return NULL;
}

char *
virStorageVolGetPath(virStorageVolPtr volume)
{
    (void)volume;
    return NULL;
}

int
virStorageVolFree(virStorageVolPtr volume)
{
    (void)volume;
    return 0;
}

const char *
virGetLastErrorMessage(void)
{
    return "the fake has nothing of the kind";
}
