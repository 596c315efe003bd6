/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* mayfly-domain URI NAME: the disks of a libvirt domain, for programs that
 * should neither be linked with an XML parser nor load libvirt.  An empty URI
 * means libvirt's default.
 *
 * Prints fields, each ended by a zero byte: "state=off" or "state=on", then for
 * each disk "file=", and if known "format=", "blocksize=", "readonly=", "key="
 * (of the LUKS in it, in hexadecimal), and an empty field at its end.  A
 * failure is one line on stderr and exit code 1. */
#include <config.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "domain/libvirt.h"
#include "domain/remote.h"

static void
put(const char *name, const char *value)
{
    printf("%s=%s", name, value);
    putchar(0);
}

static int
put_file(const struct domain_disk *d, struct error *err)
{
    cleanup_free char *uri = NULL;

    if (!d->protocol) {
        put("file", d->filename);
        return 0;
    }
    if (!remote_known(d->protocol))
        return error_set(err, ENOTSUP, "a '%s' disk, which Mayfly cannot reach",
            d->protocol);
    if (strv_length(d->servers) != 1)
        return error_set(err, ENOTSUP, "a '%s' disk with %zu servers",
            d->protocol, strv_length(d->servers));
    uri = remote_uri(d->protocol, d->user, d->servers[0], d->filename);
    if (!uri)
        return error_no_memory(err);
    put("file", uri);
    return 0;
}

static int
put_key(const struct libvirt *v, virConnectPtr connection,
    const struct domain_disk *d, struct error *err)
{
    unsigned char *value;
    size_t size;

    if (!d->secret_uuid && !d->secret_usage)
        return 0;
    if (libvirt_secret(v, connection, d, &value, &size, err) < 0)
        return -1;
    fputs("key=", stdout);
    for (size_t i = 0; i < size; i++)
        printf("%02x", value[i]);
    putchar(0);
    explicit_bzero(value, size);
    free(value);
    return 0;
}

static int
put_disk(const struct libvirt *v, virConnectPtr connection,
    const struct domain_disk *d, struct error *err)
{
    if (put_file(d, err) < 0)
        return -1;
    if (d->format)
        put("format", d->format);
    if (d->block_size)
        put("blocksize", d->block_size == 4096 ? "4096" : "512");
    if (d->read_only)
        put("readonly", "1");
    if (put_key(v, connection, d, err) < 0)
        return -1;
    putchar(0);
    return 0;
}

static int
put_domain(const struct libvirt *v, virConnectPtr connection, const char *name,
    struct error *err)
{
    struct domain_disks *disks cleanup_domain_disks = NULL;
    virDomainPtr domain = libvirt_find(v, connection, name, true, err);
    bool off = false;
    int r;

    if (!domain)
        return -1;
    r = libvirt_is_off(v, domain, &off, err);
    if (r == 0)
        r = libvirt_disks(v, domain, &disks, err);
    v->virDomainFree(domain);
    if (r < 0)
        return -1;
    put("state", off ? "off" : "on");
    for (size_t i = 0; i < disks->n; i++)
        if (put_disk(v, connection, &disks->disk[i], err) < 0)
            return -1;
    if (fflush(stdout) != 0)
        return error_errno(err, errno, "cannot write");
    return 0;
}

static int
answer(const char *uri, const char *name, struct error *err)
{
    virConnectAuth no_questions = {0}; /* no one is there to answer */
    virConnectPtr connection;
    struct libvirt v;
    int r;

    if (libvirt_load(&v, err) < 0)
        return -1;
    connection = libvirt_connect(&v, *uri ? uri : NULL, &no_questions, err);
    if (!connection)
        return -1;
    r = put_domain(&v, connection, name, err);
    v.virConnectClose(connection);
    return r;
}

int
main(int argc, char **argv)
{
    struct error err cleanup_error = {0};
    int messages = dup(STDERR_FILENO);

    if (argc != 3) {
        fputs("usage: mayfly-domain URI NAME\n", stderr);
        return 2;
    }
    /* Libraries that libvirt uses print messages there that are not errors. */
    if (messages < 0 || !freopen("/dev/null", "we", stderr))
        return 1;
    if (answer(argv[1], argv[2], &err) == 0)
        return 0;
    dprintf(messages, "%s\n", error_text(&err));
    return 1;
}
