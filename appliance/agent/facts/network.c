/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Network settings, each in the way of its owner: one row for each card or
 * connection of a file.  Keys are renamed to common ones; other keys are
 * left out. */
#include <config.h>

#include <string.h>
#include <strings.h>

#include "appliance/agent/call/call.h"
#include "appliance/agent/facts/reading.h"
#include "appliance/agent/guest/tree.h"
#include "base/cleanup.h"
#include "base/strv.h"

/* What a key of one of them is called here. */
struct meaning {
    const char *section, *key, *name;
};

static const char *
meaning_of(const struct meaning *m, const char *section, const char *key)
{
    for (; m->key; m++)
        if ((!m->section || strcasecmp(m->section, section) == 0) &&
            strcasecmp(m->key, key) == 0)
            return m->name;
    return NULL;
}

/* --- ini-like files: networkd and NetworkManager --- */

struct ini_file {
    const struct meaning *meanings;
    struct list values; /* struct named_value */
    struct facts *f;
    unsigned line;
};

struct named_value {
    const char *name;
    char *value;
};

static void
take(void *opaque, const char *section, char *key, char *value, unsigned line)
{
    struct ini_file *x = opaque;
    const char *name = meaning_of(x->meanings, section, key);

    /* NetworkManager counts: address1=, address2= */
    if (!name) {
        size_t n = strlen(key);

        while (n > 0 && strchr("0123456789", key[n - 1]))
            n--;
        if (n > 0 && key[n])
            name =
                meaning_of(x->meanings, section, call_strndup(x->f->c, key, n));
    }
    if (!name || x->values.n >= 1000)
        return;
    if (!x->line)
        x->line = line;
    *list_add(x->f->c, &x->values, struct named_value) =
        (struct named_value){name, value};
}

static bool
is_list(const char *name)
{
    return str_equal(name, "addresses") || str_equal(name, "dns") ||
           str_equal(name, "gateways") || str_equal(name, "routes");
}

static void
add_ini(struct facts *f, const char *path, const char *manager,
    const struct meaning *meanings)
{
    struct ini_file x = {.meanings = meanings, .f = f};
    const char *subject = NULL;

    fact_ini(fact_file(f, path), take, &x);
    const struct named_value *v = x.values.items;
    for (uint32_t i = 0; i < x.values.n; i++)
        if (str_equal(v[i].name, "interface"))
            subject = v[i].value;
    const char *base = strrchr(path, '/') + 1;
    struct fact_row r = fact_add(f, subject ? subject : base, path, x.line);
    fact_text(&r, "manager", manager);
    for (uint32_t i = 0; i < x.values.n; i++) {
        if (is_list(v[i].name))
            fact_words(&r, v[i].name, v[i].value, ";, \t");
        else
            fact_text(&r, v[i].name, v[i].value);
    }
}

static void
read_networkd(struct facts *f)
{
    static const struct meaning network[] = {{"Match", "Name", "interface"},
        {"Match", "MACAddress", "mac"}, {"Match", "Type", "match_type"},
        {"Match", "Driver", "match_driver"}, {"Match", "Path", "match_path"},
        {"Network", "DHCP", "dhcp"}, {"Network", "Address", "addresses"},
        {"Address", "Address", "addresses"}, {"Network", "Gateway", "gateways"},
        {"Route", "Gateway", "gateways"}, {"Network", "DNS", "dns"},
        {"Network", "Bridge", "part_of"}, {"Network", "Bond", "part_of"},
        {"Network", "VLAN", "vlan"}, {"Link", "MACAddress", "set_mac"},
        {"Link", "Name", "set_name"}, {"Link", "Unmanaged", "unmanaged"},
        {"NetDev", "Name", "interface"}, {"NetDev", "Kind", "kind"},
        {NULL, NULL, NULL}};
    static const char *const folders[] = {
        "/etc/systemd/network", "/usr/local/lib/systemd/network"};

    for (size_t i = 0; i < N_ELEMENTS(folders); i++)
        for (char **name = fact_folder(f, folders[i]); *name; name++)
            if (ends_with_text(*name, ".network") ||
                ends_with_text(*name, ".netdev") ||
                ends_with_text(*name, ".link")) {
                char *path = call_printf(f->c, "%s/%s", folders[i], *name);

                if (tree_is_file(f->root, path))
                    add_ini(f, path, "networkd", network);
            }
}

static void
read_manager(struct facts *f)
{
    static const struct meaning keys[] = {
        {"connection", "interface-name", "interface"},
        {"connection", "type", "kind"}, {"connection", "id", "id"},
        {"connection", "uuid", "uuid"},
        {"connection", "autoconnect", "autoconnect"},
        {"connection", "master", "part_of"}, {"ethernet", "mac-address", "mac"},
        {"802-3-ethernet", "mac-address", "mac"},
        {"ipv4", "method", "ipv4_method"}, {"ipv6", "method", "ipv6_method"},
        {"ipv4", "address", "addresses"}, {"ipv6", "address", "addresses"},
        {"ipv4", "addresses", "addresses"}, {"ipv4", "gateway", "gateways"},
        {"ipv6", "gateway", "gateways"}, {"ipv4", "dns", "dns"},
        {"ipv6", "dns", "dns"}, {NULL, NULL, NULL}};
    static const char folder[] = "/etc/NetworkManager/system-connections";

    for (char **name = fact_folder(f, folder); *name; name++)
        add_ini(f, call_printf(f->c, "%s/%s", folder, *name), "NetworkManager",
            keys);
}

/* --- ifcfg: of Red Hat, and of SUSE, where wicked reads it --- */

static void
add_ifcfg(struct facts *f, const char *path, const char *manager)
{
    static const struct meaning keys[] = {{NULL, "BOOTPROTO", "dhcp"},
        {NULL, "IPADDR", "addresses"}, {NULL, "PREFIX", "prefix"},
        {NULL, "NETMASK", "netmask"}, {NULL, "GATEWAY", "gateways"},
        {NULL, "DNS", "dns"}, {NULL, "HWADDR", "mac"},
        {NULL, "LLADDR", "set_mac"}, {NULL, "MACADDR", "set_mac"},
        {NULL, "ONBOOT", "autoconnect"}, {NULL, "STARTMODE", "autoconnect"},
        {NULL, "TYPE", "kind"}, {NULL, "MASTER", "part_of"},
        {NULL, "BRIDGE", "part_of"}, {NULL, "UUID", "uuid"},
        {NULL, "IPV6ADDR", "addresses"}, {NULL, "NAME", "id"},
        {NULL, NULL, NULL}};
    char *text = fact_file(f, path), *line;
    const char *subject = strrchr(path, '/') + 1 + strlen("ifcfg-");
    struct ini_file x = {.meanings = keys, .f = f};
    unsigned number = 0;

    while ((line = next_line(&text))) {
        number++;
        line = fact_trim(line);
        char *value = line[0] == '#' ? NULL : cut_value(line);
        if (!value)
            continue;
        value = shell_unquote(fact_trim(value));
        if (str_equal(line, "DEVICE") && value[0])
            subject = value;
        take(&x, "", line, value, number);
    }
    struct fact_row r = fact_add(f, subject, path, x.line);
    fact_text(&r, "manager", manager);
    const struct named_value *v = x.values.items;
    for (uint32_t i = 0; i < x.values.n; i++)
        fact_text(&r, v[i].name, v[i].value);
}

static void
read_ifcfg(struct facts *f)
{
    static const struct {
        const char *folder, *manager;
    } places[] = {{"/etc/sysconfig/network-scripts", "ifcfg"},
        {"/etc/sysconfig/network", "wicked"}};

    for (size_t i = 0; i < N_ELEMENTS(places); i++)
        for (char **name = fact_folder(f, places[i].folder); *name; name++)
            if (str_after(*name, "ifcfg-") && !strchr(*name, '.'))
                add_ifcfg(f,
                    call_printf(f->c, "%s/%s", places[i].folder, *name),
                    places[i].manager);
}

/* --- ifupdown --- */

struct ifupdown {
    struct facts *f;
    unsigned files;
    struct list autos;
};

static void read_interfaces(struct ifupdown *x, const char *path);

static void
include(struct ifupdown *x, char *pattern)
{
    char *slash = strrchr(pattern, '/');

    if (!slash || pattern[0] != '/') {
        pattern = call_printf(x->f->c, "/etc/network/%s", pattern);
        slash = strrchr(pattern, '/');
    }
    if (!strpbrk(slash, "*?[")) {
        if (!tree_is_dir(x->f->root, pattern)) {
            read_interfaces(x, pattern);
            return;
        }
        slash = pattern + strlen(pattern);
    }
    char *folder = call_strndup(x->f->c, pattern, (size_t)(slash - pattern));
    /* Names with other characters than these are left out by ifupdown. */
    for (char **name = fact_folder(x->f, folder); *name; name++)
        if (!strchr(*name, '.') || *slash)
            read_interfaces(x, call_printf(x->f->c, "%s/%s", folder, *name));
}

static void
read_interfaces(struct ifupdown *x, const char *path)
{
    enum { FILES_MAX = 100 };
    static const struct meaning keys[] = {{NULL, "address", "addresses"},
        {NULL, "netmask", "netmask"}, {NULL, "gateway", "gateways"},
        {NULL, "dns-nameservers", "dns"}, {NULL, "hwaddress", "set_mac"},
        {NULL, "bridge_ports", "ports"}, {NULL, "bond-slaves", "ports"},
        {NULL, "bond-master", "part_of"}, {NULL, NULL, NULL}};
    struct facts *f = x->f;
    char *line, *word;
    unsigned number = 0;
    struct fact_row r = {.f = f, .dropped = true};

    if (x->files++ >= FILES_MAX)
        return;
    char *text = fact_file(f, path);
    while ((line = next_line(&text))) {
        number++;
        line = fact_trim(line);
        if (!line[0] || line[0] == '#' || !(word = fact_word(&line, " \t")))
            continue;
        if (str_equal(word, "auto") || str_after(word, "allow-")) {
            while ((word = fact_word(&line, " \t")))
                list_add_string(f->c, &x->autos, word);
        } else if (str_equal(word, "source") ||
                   str_equal(word, "source-directory")) {
            include(x, fact_trim(line));
        } else if (str_equal(word, "iface")) {
            char *name = fact_word(&line, " \t");
            char *family = fact_word(&line, " \t");

            r = fact_add(f, name ? name : "", path, number);
            fact_text(&r, "manager", "ifupdown");
            fact_text(&r, "family", family);
            fact_text(&r, "method", fact_word(&line, " \t"));
            char **one = x->autos.items;
            for (uint32_t i = 0; name && i < x->autos.n; i++)
                if (str_equal(one[i], name)) {
                    fact_text(&r, "autoconnect", "yes");
                    break;
                }
        } else if (str_equal(word, "mapping")) {
            r.dropped = true;
        } else {
            const char *name = meaning_of(keys, "", word);

            if (name)
                fact_words(&r, name, fact_trim(line), " \t");
        }
    }
}

void
facts_network(struct facts *f)
{
    struct ifupdown x = {.f = f};

    read_interfaces(&x, "/etc/network/interfaces");
    facts_network_netplan(f);
    read_manager(f);
    read_networkd(f);
    read_ifcfg(f);
    for (char **name = fact_folder(f, "/etc/wicked/ifconfig"); *name; name++)
        fact_note(f, f->system->root,
            "facts: /etc/wicked/ifconfig/%s: wicked's XML is not read", *name);
    for (char **name = fact_folder(f, "/etc/netctl"); *name; name++)
        if (tree_is_file(f->root, call_printf(f->c, "/etc/netctl/%s", *name)))
            fact_note(f, f->system->root,
                "facts: /etc/netctl/%s: profiles of netctl are not read",
                *name);
    if (fact_exists(f, "/etc/conf.d/net"))
        fact_note(f, f->system->root,
            "facts: /etc/conf.d/net: settings of netifrc are not read");
}
