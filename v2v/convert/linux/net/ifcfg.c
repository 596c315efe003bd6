/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files of settings that shells read: ifcfg-NAME of Red Hat's initscripts and
 * NetworkManager, ifcfg-NAME of SUSE's wicked and ifup, the profiles of netctl,
 * and Gentoo's conf.d/net. */
#include <config.h>

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "base/xml.h"
#include "v2v/convert/linux/net/settings.h"
#include "v2v/convert/linux/net/shell.h"

/* The part of a file that counts here. */
struct ifcfg {
    char *device, *mac, *parent, *type, *start;
    char **members;
    bool is_virtual;
    unsigned line; /* that names the device, else 1 */
};

static void
ifcfg_clear(struct ifcfg *f)
{
    free(f->device);
    free(f->mac);
    free(f->parent);
    free(f->type);
    free(f->start);
    strv_free(f->members);
}
#define cleanup_ifcfg __attribute__((cleanup(ifcfg_clear)))

static bool
is_one_of(const char *value, const char *const *list)
{
    for (; value && *list; list++)
        if (strcasecmp(value, *list) == 0)
            return true;
    return false;
}

static const char *const yes[] = {"yes", "true", "on", "1", "y", "t", NULL};
static const char *const no[] = {"no", "false", "off", "0", "n", "f", NULL};
static const char *const no_start[] = {"manual", "off", "no", NULL};
/* Of TYPE and Connection. */
static const char *const cards[] = {"ethernet", "eth", "infiniband", NULL};

static int
set(char **field, char **value)
{
    free(*field);
    *field = steal_pointer(value);
    return 0;
}

/* One more than there may be settings: entering them reports it. */
static int
add_words(char ***list, char *words, struct error *err)
{
    char *word;

    while ((word = strsep(&words, " \t\n,")))
        if (*word && strv_length(*list) <= NET_SETTINGS_MAX &&
            strv_append(list, word) < 0)
            return error_no_memory(err);
    return 0;
}

static int
take(struct ifcfg *f, const char *name, char **value, unsigned line,
    struct error *err)
{
    if (str_equal(name, "DEVICE") || str_equal(name, "Interface")) {
        f->line = line;
        return (*value)[0] ? set(&f->device, value) : 0;
    }
    if (str_equal(name, "HWADDR"))
        return set(&f->mac, value);
    if (str_equal(name, "PHYSDEV") || str_equal(name, "ETHERDEVICE"))
        return set(&f->parent, value);
    if (str_equal(name, "TYPE") || str_equal(name, "Connection") ||
        str_equal(name, "DEVICETYPE"))
        return set(&f->type, value);
    if (str_equal(name, "ONBOOT") || str_equal(name, "STARTMODE"))
        return set(&f->start, value);
    if (str_after(name, "BONDING_SLAVE") || str_equal(name, "BRIDGE_PORTS") ||
        str_equal(name, "BindsToInterfaces") ||
        str_after(name, "TEAM_PORT_DEVICE"))
        return add_words(&f->members, *value, err);
    if (str_equal(name, "VLAN") || str_equal(name, "BONDING_MASTER"))
        f->is_virtual |= is_one_of(*value, yes);
    else if (str_equal(name, "BRIDGE") && is_one_of(*value, yes))
        f->is_virtual = true; /* SUSE; Red Hat's has a name there */
    return 0;
}

static int
read_all(struct ifcfg *f, const char *text, struct error *err)
{
    struct shell_text t = {.text = text};
    int r;

    f->line = 1;
    for (;;) {
        cleanup_free char *name = NULL, *value = NULL;

        if ((r = shell_next(&t, &name, &value, err)) <= 0)
            return r;
        if (take(f, name, &value, t.line, err) < 0)
            return -1;
    }
}

/* Enter what was read. */
static int
enter(struct net_settings *s, const struct ifcfg *f, const char *file,
    bool starts, struct error *err)
{
    cleanup_free char *mac = f->mac ? net_mac(f->mac, err) : NULL;
    bool is_virtual = f->is_virtual || f->members || f->parent ||
                      (f->type && !is_one_of(f->type, cards));
    struct net_setting item = {
        .name = f->device,
        .mac = mac,
        .file = file,
        .line = f->line,
        .starts = starts,
    };

    if (err->code)
        return -1;
    /* A VLAN called eth0.7 is on eth0, unless it says where it is. */
    if (is_virtual && f->device && !f->parent && strchr(f->device, '.'))
        return net_add(s, &item, err);
    if (is_virtual) {
        if (f->device &&
            net_add_word(s, file, &s->virtuals, f->device, err) < 0)
            return -1;
        item.mac = NULL;
        item.owner = f->device;
        item.name = f->parent;
        if (item.name && net_add(s, &item, err) < 0)
            return -1;
        for (char **m = f->members; m && *m; m++) {
            item.name = *m;
            if (net_add(s, &item, err) < 0)
                return -1;
        }
        return 0;
    }
    return item.name || item.mac ? net_add(s, &item, err) : 0;
}

/* SUSE's old ifcfg-eth-id-MAC. */
static int
take_file_name(
    struct ifcfg *f, const char *file, bool is_suse, struct error *err)
{
    const char *name = strstr(file, "/ifcfg-");
    const char *id = name ? strstr(name, "-id-") : NULL;
    char **field = &f->device;

    if (!name || f->device || (f->mac && !is_suse))
        return 0;
    name += strlen("/ifcfg-");
    if (is_suse && id) {
        name = id + strlen("-id-");
        field = &f->mac;
    } else if (is_suse && strstr(name, "-bus-")) {
        return 0;
    }
    free(*field);
    *field = strdup(name);
    return *field ? 0 : error_no_memory(err);
}

int
net_read_ifcfg(struct net_settings *s, const char *file, const char *text,
    bool is_suse, struct error *err)
{
    cleanup_ifcfg struct ifcfg f = {0};

    if (strstr(file, "-range") || read_all(&f, text, err) < 0 ||
        take_file_name(&f, file, is_suse, err) < 0)
        return err->code ? -1 : 0;
    return enter(s, &f, file,
        is_suse ? f.start && !is_one_of(f.start, no_start)
                : !is_one_of(f.start, no),
        err);
}

int
net_read_netctl(struct net_settings *s, const char *file, const char *text,
    bool enabled, struct error *err)
{
    cleanup_ifcfg struct ifcfg f = {0};

    return read_all(&f, text, err) < 0 ? -1 : enter(s, &f, file, enabled, err);
}

int
net_read_netifrc(struct net_settings *s, const char *file, const char *text,
    struct error *err)
{
    static const char *const lists[] = {"slaves_", "bridge_", "vlans_"};
    struct shell_text t = {.text = text};
    int r;

    for (;;) {
        cleanup_free char *name = NULL, *value = NULL;
        struct net_setting item = {.file = file, .starts = true};
        cleanup_strv char **members = NULL;

        if ((r = shell_next(&t, &name, &value, err)) <= 0)
            return r;
        item.line = t.line;
        item.name = str_after(name, "config_");
        if (item.name && net_add(s, &item, err) < 0)
            return -1;
        for (size_t i = 0; i < N_ELEMENTS(lists); i++) {
            const char *owner = str_after(name, lists[i]);

            if (!owner)
                continue;
            /* vlans_eth0 lists numbers, not cards. */
            if (lists[i][0] == 'v') {
                item.name = owner;
                if (net_add(s, &item, err) < 0)
                    return -1;
                continue;
            }
            if (net_add_word(s, file, &s->virtuals, owner, err) < 0)
                return -1;
            if (add_words(&members, value, err) < 0)
                return -1;
            item.owner = owner;
            for (char **m = members; m && *m; m++) {
                item.name = *m;
                if (net_add(s, &item, err) < 0)
                    return -1;
            }
        }
    }
}

int
net_read_wicked(struct net_settings *s, const char *file, const char *text,
    struct error *err)
{
    cleanup_error struct error bad = {0};
    xmlDoc *document = xml_parse(text, strlen(text), &bad);
    const xmlNode *root = document ? xmlDocGetRootElement(document) : NULL;
    int r = 0;

    if (!document)
        return net_add_broken(s, file, error_text(&bad), err);
    /* One <interface>, or several in another element. */
    for (const xmlNode *n = xml_is(root, "interface") ? root : root->children;
         n && r == 0; n = n == root ? NULL : n->next) {
        cleanup_free char *name =
            xml_is(n, "interface") ? xml_content(xml_child(n, "name")) : NULL;
        const struct net_setting item = {.name = name,
            .file = file,
            .line = (unsigned)xmlGetLineNo(n),
            .starts = true};

        if (!name)
            continue;
        if (xml_child(n, "vlan") || xml_child(n, "bond") ||
            xml_child(n, "bridge"))
            r = net_add_word(s, file, &s->virtuals, name, err);
        if (r == 0)
            r = net_add(s, &item, err);
    }
    xmlFreeDoc(document);
    return r;
}
