/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Network cards keep their names, so every setting of the guest that uses them
 * stays valid: ifupdown, netplan, NetworkManager, ifcfg, wicked.  A Xen card is
 * called eth0, or enX0 by a newer systemd, a card of another machine ens192; on
 * the new machine it would be enp1s0.  The MAC address stays the same, so the
 * name is tied to it.
 *
 * The guest does not say which name belonged to which card. eth<I> and enX<I>
 * count the cards; other names are assigned to the cards in order, and only if
 * their numbers match. */
#include <config.h>

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "v2v/convert/linux/steps.h"

enum { NAME_MAX_LENGTH = 16 };

static const char *const settings[] = {
    "/etc/network/interfaces",
    "/etc/network/interfaces.d/*",
    "/etc/netplan/*",
    "/etc/systemd/network/*.network",
    "/etc/NetworkManager/system-connections/*",
    "/etc/sysconfig/network-scripts/ifcfg-*",
    "/etc/sysconfig/network/ifcfg-*",
};

/* Is NAME a separate word in TEXT? */
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

/* The guest's network settings as one text; it includes the file names, since
 * ifcfg-eth0 may only have the card's name there. */
static char *
read_settings(struct conversion *c, struct error *err)
{
    char *all = strdup("");

    for (size_t i = 0; all && i < N_ELEMENTS(settings); i++) {
        cleanup_free char **paths = conversion_glob(c, settings[i], err);

        for (char **path = paths; all && path && *path; path++) {
            cleanup_free char *text = conversion_read(c, *path, NULL, err);
            char *more = err->code ? NULL
                                   : text_printf("%s%s\n%s\n", all, *path,
                                         text ? text : "");

            free(all);
            all = more;
        }
        if (err->code) {
            free(all);
            return NULL;
        }
    }
    if (!all && !err->code)
        error_no_memory(err);
    return all;
}

/* Does TEXT start with a name that encodes a card's place in the machine, such
 * as ens192?  It has *RET_LENGTH characters. */
static bool
is_name_of_place(const char *text, size_t *ret_length)
{
    size_t n = strspn(text, "abcdefghijklmnopqrstuvwxyzP0123456789");

    *ret_length = n;
    return n >= 4 && n < NAME_MAX_LENGTH && str_after(text, "en") &&
           strchr("opsP", text[2]) && isdigit((unsigned char)text[3]) &&
           !isalnum((unsigned char)text[n]);
}

static int
by_version(const void *a, const void *b)
{
    return strverscmp(*(char *const *)a, *(char *const *)b);
}

/* All names of that kind, in order. */
static int
names_of_places(const char *text, char ***ret, struct error *err)
{
    cleanup_strv char **names = NULL;
    size_t n;

    for (const char *p = text; *p; p++) {
        if ((p > text && isalnum((unsigned char)p[-1])) ||
            !is_name_of_place(p, &n))
            continue;
        cleanup_free char *name = strndup(p, n);
        if (!name)
            return error_no_memory(err);
        if (!strv_contains(names, name) && strv_append(&names, name) < 0)
            return error_no_memory(err);
    }
    if (names)
        qsort(names, strv_length(names), sizeof *names, by_version);
    *ret = steal_pointer(&names);
    return 0;
}

/* The old name of the I-th card: the one that is configured. */
static int
old_name(const struct conversion *c, const char *text, char *const *places,
    size_t i, char **ret, struct error *err)
{
    static const char *const prefixes[] = {"eth", "enX"};

    for (size_t k = 0; k < N_ELEMENTS(prefixes); k++) {
        cleanup_free char *name = text_printf("%s%zu", prefixes[k], i);

        if (!name)
            return error_no_memory(err);
        if (has_word(text, name)) {
            *ret = steal_pointer(&name);
            return 0;
        }
    }
    if (!places || strv_length(places) != c->guest->n_nics)
        return 0;
    *ret = strdup(places[i]);
    return *ret ? 0 : error_no_memory(err);
}

/* Does the guest itself select the card by its address? */
static int
is_pinned(struct conversion *c, const char *mac, bool *ret, struct error *err)
{
    cleanup_free char **links =
        conversion_glob(c, "/etc/systemd/network/*.link", err);

    *ret = false;
    if (!links)
        return -1;
    for (char **link = links; *link; link++) {
        cleanup_free char *text = conversion_read(c, *link, NULL, err);

        if (!text && err->code)
            return -1;
        *ret |= text && strcasestr(text, mac);
    }
    return 0;
}

static const char why[] = "the card has another name on the new machine, and "
                          "the guest configures it by name";

static int
pin_by_systemd(
    struct conversion *c, const char *mac, const char *name, struct error *err)
{
    cleanup_free char *path =
        text_printf("/etc/systemd/network/10-%s.link", name);
    cleanup_free char *text =
        text_printf("[Match]\nMACAddress=%s\n\n[Link]\nName=%s\n", mac, name);

    if (!path || !text)
        return error_no_memory(err);
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
        return error_no_memory(err);
    return conversion_write(
        c, path, text, "the name of a network card", why, err);
}

/* Report configured names that do not match the cards. */
static int
tell_unmatched(struct conversion *c, char *const *places, struct error *err)
{
    size_t n = places ? strv_length(places) : 0, nics = c->guest->n_nics;
    cleanup_free char *names = strdup(n ? places[0] : "");

    if (n == 0 || (n == nics && n == 1))
        return 0;
    for (size_t i = 1; names && i < n; i++) {
        char *more = text_printf("%s, %s", names, places[i]);

        free(names);
        names = more;
    }
    if (!names)
        return error_no_memory(err);
    if (n == nics)
        return conversion_tell(c, FINDING_REVIEW, NULL, err,
            "the network cards get the names %s in order, which is a guess",
            names);
    return conversion_tell(c, FINDING_REVIEW, NULL, err,
        "the guest's settings are for the network cards %s, but the machine "
        "has %zu; they get new names",
        names, nics);
}

static int
pin(struct conversion *c, const char *mac, const char *name, struct error *err)
{
    bool pinned;

    if (is_pinned(c, mac, &pinned, err) < 0)
        return -1;
    if (pinned)
        return 0;
    return job_is_dir(&c->job, "/etc/systemd/network")
               ? pin_by_systemd(c, mac, name, err)
               : pin_by_udev(c, mac, name, err);
}

int
linux_network(struct conversion *c, struct error *err)
{
    cleanup_free char *text = read_settings(c, err);
    cleanup_strv char **places = NULL;
    bool counted = false;

    if (!text || names_of_places(text, &places, err) < 0)
        return -1;
    for (size_t i = 0; i < c->guest->n_nics; i++) {
        cleanup_free char *name = NULL;

        if (old_name(c, text, places, i, &name, err) < 0)
            return -1;
        if (!name)
            continue;
        counted |= str_after(name, "eth") || str_after(name, "enX");
        if (pin(c, c->guest->nics[i].mac, name, err) < 0)
            return -1;
    }
    return counted ? 0 : tell_unmatched(c, places, err);
}
