/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Theory of operation: where the initramfs has the driver of network cards,
 * udev names them there, and up to systemd 239 (or with its way of naming, as
 * in RHEL 8) it does not name a card again afterwards.  So the .link files have
 * to be there, too.  An initramfs that the guest makes later has them by
 * itself: initramfs-tools, dracut and mkinitcpio copy those of /etc. */
#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "v2v/convert/linux/initramfs.h"

/* Each is looked for in an archive that may have a million names. */
enum { LINKS_MAX = 64 };

bool
initramfs_holds(char *const *names, const char *module)
{
    const char *base = strrchr(module, '/');
    cleanup_free char *plain = strdup(base ? base : module);
    char *ending = plain ? strstr(plain, ".ko") : NULL;

    if (!ending)
        return false;
    ending[3] = 0;
    for (; *names; names++)
        if (strstr(*names, plain))
            return true;
    return false;
}

/* The last name in the archive of a file called BASE, in any folder; or
 * NULL. */
static const char *
find(char *const *names, const char *base)
{
    size_t n = strlen(base);
    const char *found = NULL;

    for (; *names; names++) {
        size_t whole = strlen(*names);

        if (whole > n && (*names)[whole - n - 1] == '/' &&
            memcmp(*names + whole - n, base, n) == 0)
            found = *names;
    }
    return found;
}

/* Does udev name the cards of virtio in it? */
static int
names_cards(struct conversion *c, const struct kernel *k, char *const *names,
    bool *ret, struct error *err)
{
    *ret = find(names, "80-net-setup-link.rules");
    if (!*ret || initramfs_holds(names, "virtio_net.ko"))
        return 0;
    /* Or the driver is part of the kernel. */
    cleanup_free char *path =
        text_printf("/lib/modules/%s/modules.builtin", k->version);
    if (!path)
        return error_no_memory(err);
    cleanup_free char *builtin = conversion_read(c, path, NULL, err);
    if (!builtin && err->code)
        return -1;
    *ret = builtin && strstr(builtin, "/virtio_net.ko");
    return 0;
}

static bool
names_by_address(const char *text)
{
    for (const char *p = text; p && *p; p = strchr(p, '\n')) {
        p += strspn(p, " \t\r\n");
        if (str_after(p, "MACAddress") || str_after(p, "PermanentMACAddress"))
            return true;
    }
    return false;
}

int
initramfs_add_links(struct conversion *c, struct addition *x,
    const struct kernel *k, char *const *names, bool *ret_added,
    struct error *err)
{
    cleanup_free char **paths =
        conversion_glob(c, "/etc/systemd/network/*.link", err);
    bool named;

    if (!paths)
        return -1;
    if (!paths[0])
        return 0;
    if (names_cards(c, k, names, &named, err) < 0)
        return -1;
    if (named && strv_length(paths) > LINKS_MAX)
        return conversion_tell(c, FINDING_REVIEW, k->initrd, err,
            "the guest has %zu .link files, which is more than %d; cards that "
            "they name may lose their names: make it again in the guest",
            strv_length(paths), LINKS_MAX);
    for (char **path = paths; named && *path; path++) {
        cleanup_free char *text = conversion_read(c, *path, NULL, err);
        const char *there = find(names, strrchr(*path, '/') + 1);
        cleanup_free void *data = NULL;
        size_t size = 0;

        if (!text && err->code)
            return -1;
        if (!text || !names_by_address(text))
            continue;
        if (there &&
            mayfly_initrd_cat(c->job.g, k->initrd, there, &data, &size) < 0)
            return job_fail(&c->job, err);
        if (there && size == strlen(text) && memcmp(data, text, size) == 0)
            continue;
        if (addition_add(x, *path + 1, text, strlen(text), err) < 0)
            return -1;
        *ret_added = true;
    }
    return 0;
}
