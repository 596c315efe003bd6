/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Network cards keep their names, and so every setting of the guest that goes
 * by them stays true: ifupdown, netplan, NetworkManager, ifcfg, wicked.  A
 * card of Xen is called eth0, or enX0 by a newer systemd; on the new machine
 * it would be enp1s0.  What stays is the address, so that decides. */
#include <config.h>

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "v2v/linux/steps.h"

static const char *const settings[] = {
    "/etc/network/interfaces",
    "/etc/network/interfaces.d/*",
    "/etc/netplan/*",
    "/etc/systemd/network/*.network",
    "/etc/NetworkManager/system-connections/*",
    "/etc/sysconfig/network-scripts/ifcfg-*",
    "/etc/sysconfig/network/ifcfg-*",
};

/* Is NAME a word of its own in TEXT? */
static bool
has_word(const char *text, const char *name)
{
    for (const char *p = text; (p = strstr(p, name)); p++) {
        unsigned char before = p > text ? (unsigned char)p[-1] : ' ';
        unsigned char after = (unsigned char)p[strlen(name)];

        if (!isalnum(before) && !isalnum(after))
            return true;
    }
    return false;
}

static int
is_configured(
    struct conversion *c, const char *name, bool *ret, struct error *err)
{
    *ret = false;
    for (size_t i = 0; i < N_ELEMENTS(settings); i++) {
        cleanup_free char **paths = conversion_glob(c, settings[i], err);

        if (!paths)
            return -1;
        for (char **path = paths; *path; path++) {
            cleanup_free char *text = conversion_read(c, *path, NULL, err);

            if (!text && err->code)
                return -1;
            if (has_word(*path, name) || (text && has_word(text, name))) {
                *ret = true;
                return 0;
            }
        }
    }
    return 0;
}

/* What the I-th card was called: the name that is configured. */
static int
old_name(struct conversion *c, size_t i, char **ret, struct error *err)
{
    static const char *const prefixes[] = {"eth", "enX"};

    for (size_t k = 0; k < N_ELEMENTS(prefixes); k++) {
        cleanup_free char *name = text_printf("%s%zu", prefixes[k], i);
        bool configured;

        if (!name)
            return error_set(err, ENOMEM, "no memory");
        if (is_configured(c, name, &configured, err) < 0)
            return -1;
        if (configured) {
            *ret = steal_pointer(&name);
            return 0;
        }
    }
    return 0;
}

static const char why[] =
    "the card has another name on the new machine, and is configured by it";

static int
pin_by_systemd(
    struct conversion *c, const char *mac, const char *name, struct error *err)
{
    cleanup_free char *path =
        text_printf("/etc/systemd/network/10-%s.link", name);
    cleanup_free char *text =
        text_printf("[Match]\nMACAddress=%s\n\n[Link]\nName=%s\n", mac, name);

    if (!path || !text)
        return error_set(err, ENOMEM, "no memory");
    return conversion_write(
        c, path, text, "the name of a network card", why, err);
}

static int
pin_by_udev(
    struct conversion *c, const char *mac, const char *name, struct error *err)
{
    static const char path[] = "/etc/udev/rules.d/70-persistent-net.rules";
    cleanup_free char *old = conversion_read(c, path, NULL, err);

    if (!old && err->code)
        return -1;
    if (old && strcasestr(old, mac))
        return 0;
    cleanup_free char *text = text_printf(
        "%sSUBSYSTEM==\"net\", ACTION==\"add\", ATTR{address}==\"%s\", "
        "ATTR{type}==\"1\", NAME=\"%s\"\n",
        old ? old : "", mac, name);
    if (!text)
        return error_set(err, ENOMEM, "no memory");
    return conversion_write(
        c, path, text, "the name of a network card", why, err);
}

int
linux_network(struct conversion *c, struct error *err)
{
    bool systemd = job_is_dir(&c->job, "/etc/systemd/network");

    for (size_t i = 0; i < c->guest->n_nics; i++) {
        cleanup_free char *name = NULL;
        const char *mac = c->guest->nics[i].mac;

        if (old_name(c, i, &name, err) < 0)
            return -1;
        if (!name)
            continue;
        if ((systemd ? pin_by_systemd : pin_by_udev)(c, mac, name, err) < 0)
            return -1;
    }
    return 0;
}
