/* SPDX-License-Identifier: GPL-2.0-or-later */
/* systemd.network(5), systemd.netdev(5) and systemd.link(5).  A list that comes
 * again adds to the one before, also from FILE.d/NAME.conf; an empty one starts
 * afresh. */
#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "v2v/convert/linux/net/ini.h"
#include "v2v/convert/linux/net/settings.h"

/* Where a statement is. */
struct place {
    const char *file;
    unsigned line;
};

/* What a unit asks a card for, in [Match]. */
enum ask {
    ASK_NAME,
    ASK_DRIVER,
    ASK_PATH,
    ASK_TYPE,
    ASK_KIND,
    ASK_MACHINE,
    ASK_PROPERTY,
    ASK_FIRMWARE,
    ASK_WIFI,
    N_ASKS,
};

struct unit {
    char **asked[N_ASKS];
    struct place places[N_ASKS];
    char **macs;
    char *link_name, *policy;
    struct place first, named, changed;
    char **copies; /* of the texts, to which the others point */
};

static void
unit_clear(struct unit *u)
{
    for (size_t i = 0; i < N_ASKS; i++)
        strv_free(u->asked[i]);
    strv_free(u->macs);
    strv_free(u->copies);
}
#define cleanup_unit __attribute__((cleanup(unit_clear)))

/* --- what a card of the new machine answers --- */

/* A list matches if one of its patterns does and none with "!"; NULL is a card
 * that has no such thing. */
static bool
matches(char *const *list, const char *text)
{
    bool any = false, fits = false;

    for (; list && *list; list++) {
        bool negative = **list == '!';

        if (!negative)
            any = true;
        if (!text || !net_matches(*list + negative, text))
            continue;
        if (negative)
            return false;
        fits = true;
    }
    return fits || !any;
}

/* Devices of the kernel that are no network cards. */
static bool
is_software_driver(const char *name)
{
    static const char *const names[] = {"veth", "bridge", "tun", "bonding",
        "bond", "dummy", "team", "vxlan", "macvlan", "macvtap", "ipvlan",
        "ipvtap", "sit", "ifb", "vrf", "wireguard", "batman_adv", "openvswitch",
        "802.1Q VLAN Support", "802.1Q"};

    for (size_t i = 0; i < N_ELEMENTS(names); i++)
        if (str_equal(name, names[i]))
            return true;
    return false;
}

static bool
is_container(const char *machine)
{
    static const char *const names[] = {"container", "lxc", "lxc-libvirt",
        "systemd-nspawn", "docker", "podman", "rkt", "wsl", "proot", "pouch",
        "openvz", "private-users", "no", "false", "0", "off"};

    for (size_t i = 0; i < N_ELEMENTS(names); i++)
        if (str_equal(machine, names[i]))
            return true;
    return false;
}

static bool
all(char *const *list, bool (*is)(const char *))
{
    for (; list && *list; list++)
        if ((*list)[0] == '!' || !is(*list))
            return false;
    return true;
}

static bool
is_usb(const char *path)
{
    return strstr(path, "-usb") || str_after(path, "usb");
}

/* Is it for something that the old machine did not have either: a container, a
 * bridge, a radio? */
static bool
is_for_others(const struct unit *u)
{
    return !matches(u->asked[ASK_TYPE], "ether") ||
           !matches(u->asked[ASK_KIND], NULL) || u->asked[ASK_WIFI] ||
           (u->asked[ASK_DRIVER] &&
               all(u->asked[ASK_DRIVER], is_software_driver)) ||
           (u->asked[ASK_MACHINE] &&
               all(u->asked[ASK_MACHINE], is_container)) ||
           (u->asked[ASK_PATH] && all(u->asked[ASK_PATH], is_usb));
}

static bool
fits_machine(const char *machine)
{
    static const char *const fits[] = {
        "kvm", "qemu", "vm", "yes", "true", "on", "1", NULL};
    bool negative = *machine == '!', fitting = false;

    for (const char *const *p = fits; *p; p++)
        fitting |= str_equal(machine + negative, *p);
    return fitting != negative;
}

/* Cards have other places there, so only what fits any place fits. */
static bool
fits_places(char *const *paths)
{
    bool any = false;

    for (; paths && *paths; paths++) {
        if ((*paths)[0] == '!')
            continue;
        if (net_matches(*paths, "pci-0000:fe:1f.7"))
            return true;
        any = true;
    }
    return !any;
}

static char *
joined(const char *start, char *const *list, struct error *err)
{
    char *text = NULL;
    size_t size;
    FILE *f = open_memstream(&text, &size);

    if (!f)
        return error_no_memory(err), NULL;
    fputs(start, f);
    for (; *list; list++)
        fprintf(f, " %s", *list);
    if (fclose(f) != 0) {
        free(text);
        return error_no_memory(err), NULL;
    }
    return text;
}

/* What the unit asks for and the new machine does not have, and where; NULL
 * without an error: nothing. */
static char *
misfit(const struct unit *u, struct place *ret, struct error *err)
{
    static const struct {
        enum ask ask;
        const char *text;
    } asks[] = {
        {ASK_DRIVER, "network cards with the driver"},
        {ASK_MACHINE, "the virtualization"},
        {ASK_PATH, "network cards in the place"},
        {ASK_PROPERTY, "network cards with the property"},
        {ASK_FIRMWARE, "the firmware"},
    };

    for (size_t i = 0; i < N_ELEMENTS(asks); i++) {
        char *const *list = u->asked[asks[i].ask];
        bool fits = true;

        if (!list)
            continue;
        if (asks[i].ask == ASK_DRIVER)
            fits = matches(list, "virtio_net");
        else if (asks[i].ask == ASK_MACHINE)
            for (char *const *p = list; *p; p++)
                fits &= fits_machine(*p);
        else if (asks[i].ask == ASK_PATH)
            fits = fits_places(list);
        else
            for (char *const *p = list; *p; p++)
                fits &= (*p)[0] == '!';
        if (fits)
            continue;
        *ret = u->places[asks[i].ask];
        return joined(asks[i].text, list, err);
    }
    return NULL;
}

/* --- reading --- */

static int
take_list(struct net_settings *s, const char *file, char ***list, char *value,
    struct error *err)
{
    bool negative = *value == '!';
    char *word;

    if (!*value) {
        strv_free(*list);
        *list = NULL;
    }
    value += negative;
    while ((word = strsep(&value, " \t"))) {
        cleanup_free char *item =
            text_printf("%s%s", negative ? "!" : "", word);

        if (!item)
            return error_no_memory(err);
        if (*word && net_add_word(s, file, list, item, err) < 0)
            return -1;
    }
    return 0;
}

static int
take_macs(struct net_settings *s, const char *file, char ***list, char *value,
    struct error *err)
{
    char *word;

    while ((word = strsep(&value, " \t"))) {
        cleanup_free char *mac = net_mac(word, err);

        if (err->code || (mac && net_add_word(s, file, list, mac, err) < 0))
            return -1;
    }
    return 0;
}

static int
take_match(struct net_settings *s, struct unit *u, const struct ini_text *t,
    struct place place, struct error *err)
{
    static const struct {
        const char *key;
        enum ask ask;
    } keys[] = {
        {"Name", ASK_NAME},
        {"OriginalName", ASK_NAME},
        {"Driver", ASK_DRIVER},
        {"Path", ASK_PATH},
        {"Type", ASK_TYPE},
        {"Kind", ASK_KIND},
        {"Virtualization", ASK_MACHINE},
        {"Property", ASK_PROPERTY},
        {"Firmware", ASK_FIRMWARE},
        {"WLANInterfaceType", ASK_WIFI},
        {"SSID", ASK_WIFI},
        {"BSSID", ASK_WIFI},
    };

    if (!u->first.line)
        u->first = place;
    if (str_equal(t->key, "MACAddress") ||
        str_equal(t->key, "PermanentMACAddress"))
        return take_macs(s, place.file, &u->macs, t->value, err);
    for (size_t i = 0; i < N_ELEMENTS(keys); i++) {
        if (!str_equal(t->key, keys[i].key))
            continue;
        u->places[keys[i].ask] = place;
        return take_list(s, place.file, &u->asked[keys[i].ask], t->value, err);
    }
    return 0;
}

static int
take(struct net_settings *s, struct unit *u, const struct ini_text *t,
    struct place place, struct error *err)
{
    /* What only names a card, or gives its usual address. */
    static const char *const naming[] = {"NamePolicy", "AlternativeName",
        "AlternativeNamesPolicy", "MACAddressPolicy", "Description", "Alias"};

    if (str_equal(t->section, "Match"))
        return take_match(s, u, t, place, err);
    if (ini_is(t, "NetDev", "Name"))
        return net_add_word(s, place.file, &s->virtuals, t->value, err);
    if (!str_equal(t->section, "Link") && !str_equal(t->section, "SR-IOV"))
        return 0;
    if (str_equal(t->key, "Name")) {
        u->link_name = *t->value ? t->value : NULL;
        u->named = place;
        return 0;
    }
    if (str_equal(t->key, "NamePolicy"))
        u->policy = *t->value ? t->value : NULL;
    for (size_t i = 0; i < N_ELEMENTS(naming); i++)
        if (str_equal(t->key, naming[i]))
            return 0;
    u->changed = place;
    return 0;
}

/* --- entering --- */

/* One statement for each name, or for each address. */
static int
enter_network(struct net_settings *s, const struct unit *u,
    struct net_setting *item, struct error *err)
{
    char *const *names = u->asked[ASK_NAME];
    char *const *name = names;

    if (item->misfit && !names && !u->macs)
        return net_add(s, item, err);
    for (; name && *name; name++) {
        item->name = *name;
        item->mac = u->macs ? u->macs[0] : NULL;
        if ((*name)[0] != '!' && net_add(s, item, err) < 0)
            return -1;
        item->misfit = NULL;
    }
    for (char **mac = names ? NULL : u->macs; mac && *mac; mac++) {
        item->mac = *mac;
        if (net_add(s, item, err) < 0)
            return -1;
        item->misfit = NULL;
    }
    return 0;
}

/* A file without a name leaves the card the one that the kernel gave. */
static int
enter_link(struct net_settings *s, const struct unit *u,
    struct net_setting *item, struct error *err)
{
    const char *name = u->link_name;
    char *const *names = u->asked[ASK_NAME];
    char *const *paths = u->asked[ASK_PATH];

    item->names = true;
    item->also = u->changed.line > 0;
    if (!name && (!u->macs || u->policy)) {
        s->sets_more |= item->also && !item->misfit;
        return item->misfit && item->also ? net_add(s, item, err) : 0;
    }
    item->name = (name ? name : "eth*");
    item->pins = u->macs && !u->policy && !paths && !names && !item->misfit;
    s->sets_more |= item->also && !item->misfit && !item->pins;
    item->old = names && names[0][0] != '!' ? names[0] : NULL;
    item->pci = (paths ? str_after(paths[0], "pci-") : NULL);
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

static int
enter(struct net_settings *s, const struct unit *u, const char *file,
    struct error *err)
{
    const char *dot = strrchr(file, '.');
    struct place place = u->named.line ? u->named : u->first;

    if (!dot || is_for_others(u))
        return 0;
    cleanup_free char *said = misfit(u, &place, err);
    if (err->code)
        return -1;
    struct net_setting item = {
        .file = place.line ? place.file : file,
        .line = place.line ? place.line : 1,
        .misfit = said,
        .starts = true,
    };
    if (str_equal(dot, ".network"))
        return enter_network(s, u, &item, err);
    return str_equal(dot, ".link") ? enter_link(s, u, &item, err) : 0;
}

static int
read_part(struct net_settings *s, struct unit *u, const char *file,
    const char *text, struct error *err)
{
    char *copy = strdup(text);
    struct ini_text t = {.rest = copy, .continues = true};

    if (strv_take(&u->copies, copy) < 0)
        return error_no_memory(err);
    while (ini_next(&t))
        if (take(s, u, &t, (struct place){file, t.line}, err) < 0)
            return -1;
    return 0;
}

int
net_read_networkd(struct net_settings *s, const char *file, const char *text,
    char *const *dropins, struct error *err)
{
    cleanup_unit struct unit u = {0};

    if (read_part(s, &u, file, text, err) < 0)
        return -1;
    for (; dropins && dropins[0]; dropins += 2)
        if (read_part(s, &u, dropins[0], dropins[1], err) < 0)
            return -1;
    return enter(s, &u, file, err);
}
