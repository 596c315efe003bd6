/* SPDX-License-Identifier: GPL-2.0-or-later */
/* systemd.network(5), systemd.netdev(5) and systemd.link(5). */
#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "v2v/convert/linux/net/ini.h"
#include "v2v/convert/linux/net/settings.h"

struct unit {
    char **names, **macs, **paths;
    char *kind;
    char *link_name, *policy, *drivers, *machine;
    unsigned line;
};

static void
unit_clear(struct unit *u)
{
    strv_free(u->names);
    strv_free(u->macs);
    strv_free(u->paths);
}
#define cleanup_unit __attribute__((cleanup(unit_clear)))

/* A list with blanks between; an empty one removes what came before. */
static int
take_list(char ***list, char *value, struct error *err)
{
    char *word;

    if (!*value) {
        strv_free(*list);
        *list = NULL;
    }
    while ((word = strsep(&value, " \t")))
        if (*word && strv_append(list, word) < 0)
            return error_no_memory(err);
    return 0;
}

static int
take_macs(char ***list, char *value, struct error *err)
{
    char *word;

    while ((word = strsep(&value, " \t"))) {
        char *mac = net_mac(word, err);

        if (err->code || (mac && strv_take(list, mac) < 0))
            return error_no_memory(err);
    }
    return 0;
}

static int
take(struct net_settings *s, struct unit *u, const struct ini_text *t,
    struct error *err)
{
    if (str_equal(t->section, "Match"))
        u->line = u->line ? u->line : t->line;
    if (ini_is(t, "Match", "Name") || ini_is(t, "Match", "OriginalName"))
        return take_list(&u->names, t->value, err);
    if (ini_is(t, "Match", "MACAddress") ||
        ini_is(t, "Match", "PermanentMACAddress"))
        return take_macs(&u->macs, t->value, err);
    if (ini_is(t, "Match", "Path"))
        return take_list(&u->paths, t->value, err);
    if (ini_is(t, "Match", "Driver"))
        u->drivers = t->value;
    else if (ini_is(t, "Match", "Virtualization"))
        u->machine = t->value;
    else if (ini_is(t, "Match", "Kind") || ini_is(t, "Match", "Type"))
        u->kind = t->value;
    else if (ini_is(t, "Link", "Name")) {
        u->link_name = t->value;
        u->line = t->line;
    } else if (ini_is(t, "Link", "NamePolicy"))
        u->policy = t->value;
    else if (ini_is(t, "NetDev", "Name") &&
             strv_append(&s->virtuals, t->value) < 0)
        return error_no_memory(err);
    return 0;
}

/* What the unit asks for and the new machine does not have; NULL: nothing. */
static char *
misfit(const struct unit *u, struct error *err)
{
    static const char *const fits[] = {
        "kvm", "qemu", "vm", "yes", "true", "on", "1", NULL};
    const char *machine = u->machine ? u->machine : "";
    bool negative = *machine == '!', fitting = false;
    char *text = NULL;

    if (u->drivers && *u->drivers &&
        ((text = net_driver_misfit(u->drivers, err)) || err->code))
        return text;
    for (const char *const *p = fits; *p; p++)
        fitting |= str_equal(machine + negative, *p);
    if (*machine && fitting == negative &&
        !(text = text_printf("the virtualization %s", machine)))
        error_no_memory(err);
    return text;
}

/* One statement for each name, or for each address. */
static int
enter_network(struct net_settings *s, const struct unit *u,
    struct net_setting *item, struct error *err)
{
    if (u->kind && !str_equal(u->kind, "ether"))
        return 0;
    if (item->misfit && !u->names && !u->macs && net_add(s, item, err) < 0)
        return -1;
    for (char **name = u->names; name && *name; name++) {
        item->name = *name;
        item->mac = u->macs ? u->macs[0] : NULL;
        if ((*name)[0] != '!' && net_add(s, item, err) < 0)
            return -1;
        item->misfit = NULL;
    }
    for (char **mac = u->names ? NULL : u->macs; mac && *mac; mac++) {
        item->mac = *mac;
        if (net_add(s, item, err) < 0)
            return -1;
        item->misfit = NULL;
    }
    for (char **path = u->names || u->macs ? NULL : u->paths; path && *path;
         path++) {
        item->pci = str_after(*path, "pci-");
        if (item->pci && net_add(s, item, err) < 0)
            return -1;
    }
    return 0;
}

/* A file without a name leaves the card the one that the kernel gave. */
static int
enter_link(struct net_settings *s, const struct unit *u,
    struct net_setting *item, struct error *err)
{
    const char *name = u->link_name;

    if (!name && (!u->macs || u->policy))
        return 0;
    item->name = (name ? name : "eth*");
    item->names = true;
    item->pins =
        u->macs && !u->policy && !u->paths && !u->names && !item->misfit;
    item->old = u->names && u->names[0][0] != '!' ? u->names[0] : NULL;
    item->pci = (u->paths ? str_after(u->paths[0], "pci-") : NULL);
    if (!u->macs)
        return net_add(s, item, err);
    for (char **mac = u->macs; *mac; mac++) {
        item->mac = *mac;
        if (net_add(s, item, err) < 0)
            return -1;
        item->misfit = NULL;
    }
    return 0;
}

int
net_read_networkd(struct net_settings *s, const char *file, const char *text,
    struct error *err)
{
    cleanup_free char *copy = strdup(text);
    cleanup_unit struct unit u = {0};
    struct ini_text t = {.rest = copy};
    const char *dot = strrchr(file, '.');
    struct net_setting item = {.file = file, .starts = true};

    if (!copy || !dot)
        return copy ? 0 : error_no_memory(err);
    while (ini_next(&t))
        if (take(s, &u, &t, err) < 0)
            return -1;
    item.line = u.line ? u.line : 1;
    cleanup_free char *said = misfit(&u, err);
    if (err->code)
        return -1;
    item.misfit = said;
    if (str_equal(dot, ".network"))
        return enter_network(s, &u, &item, err);
    return str_equal(dot, ".link") ? enter_link(s, &u, &item, err) : 0;
}
