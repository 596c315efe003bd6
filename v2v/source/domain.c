/* SPDX-License-Identifier: GPL-2.0-or-later */
/* -i libvirt: a domain, whose XML virsh prints.  The words are its name and, if
 * given, the connection.  By SSH the disks are files of the other host, which
 * are read by SSH as well. */
#include <config.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/strv.h"
#include "base/subprocess.h"
#include "tool/signals.h"
#include "v2v/source/libvirt_xml.h"
#include "v2v/source/source.h"

enum { ANSWER_MAX = 1 << 20 };

static char *
dump(const char *name, const char *uri, size_t *ret_size, struct error *err)
{
    const char *const here[] = {"virsh", "-q", "dumpxml", "--", name, NULL};
    const char *const there[] = {
        "virsh", "-q", "-c", uri, "dumpxml", "--", name, NULL};
    cleanup_close int out = memfd_create("domain", MFD_CLOEXEC);
    const struct subprocess_spec spec = {
        .program = VIRSH,
        .argv = uri ? there : here,
        .output = &out,
        .interrupted = tool_interrupted,
        .terminal = true,
    };
    cleanup_free char *text = NULL;
    off_t size;

    if (out < 0)
        return error_errno(err, errno, "cannot make a memory file"), NULL;
    if (subprocess_run(&spec, err) < 0)
        return error_context(err, "libvirt has no XML of '%s'", name), NULL;
    size = lseek(out, 0, SEEK_END);
    if (size < 0 || size > ANSWER_MAX)
        return error_set(
                   err, EPROTO, "virsh printed %lld bytes", (long long)size),
               NULL;
    text = malloc((size_t)size + 1);
    if (!text)
        return error_no_memory(err), NULL;
    if (pread_all(out, text, (size_t)size, 0) < 0)
        return error_errno(err, errno, "cannot read what virsh printed"), NULL;
    text[size] = 0;
    *ret_size = (size_t)size;
    return steal_pointer(&text);
}

/* "USER@HOST:PORT" in "qemu+ssh://USER@HOST:PORT/system"; NULL without an error
 * if the connection is to this host. */
static char *
find_host(const char *uri, struct error *err)
{
    const char *slashes = uri ? strstr(uri, "://") : NULL;
    const char *host = slashes ? slashes + strlen("://") : "";
    size_t n = strcspn(host, "/?");
    cleanup_free char *scheme =
        slashes ? strndup(uri, (size_t)(slashes - uri)) : NULL;

    if (n == 0)
        return NULL;
    if (!scheme)
        return error_no_memory(err), NULL;
    if (!strstr(scheme, "+ssh") && !strstr(scheme, "+libssh"))
        return error_set(err, ENOTSUP,
                   "the disks on that host cannot be read through %s; use a "
                   "connection by SSH (qemu+ssh://)",
                   scheme),
               NULL;
    char *copy = strndup(host, n);
    if (!copy)
        error_no_memory(err);
    return copy;
}

static int
move_disks(struct guest *guest, const char *host, struct error *err)
{
    for (size_t i = 0; i < guest->n_disks; i++) {
        struct guest_disk *disk = &guest->disks[i];
        char *there = disk->path && disk->path[0] == '/'
                          ? text_printf("ssh://%s%s", host, disk->path)
                          : NULL;

        if (!disk->path || disk->path[0] != '/')
            continue;
        if (!there)
            return error_no_memory(err);
        free(disk->path);
        disk->path = there;
    }
    return 0;
}

static int
read_domain(
    char *const *words, size_t n_words, struct guest *ret, struct error *err)
{
    const char *uri = n_words > 1 ? words[1] : NULL;
    cleanup_free char *host = find_host(uri, err);
    size_t size;
    bool is_running;

    if (err->code)
        return error_context(err, "%s", uri);
    cleanup_free char *text = dump(words[0], uri, &size, err);
    if (!text)
        return -1;
    if (libvirt_xml_read(text, size, ret, &is_running, err) < 0)
        return error_context(err, "domain %s", words[0]);
    /* libvirt's "test" driver has no machines: its domains always run. */
    if (is_running && !(uri && str_after(uri, "test:")))
        return error_set(err, EBUSY,
            "domain %s is running, and its disks change while they are "
            "copied; shut it down (virsh shutdown %s)",
            words[0], words[0]);
    return host ? move_disks(ret, host, err) : 0;
}

const struct source source_libvirt = {
    .name = "libvirt",
    .help = "NAME: a libvirt domain (-ic URI)",
    .read = read_domain,
};
