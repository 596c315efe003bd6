/* SPDX-License-Identifier: GPL-2.0-or-later */
/* NetworkManager's keyfiles: a connection is for a card by its name or by its
 * address. */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "v2v/convert/linux/net/ini.h"
#include "v2v/convert/linux/net/settings.h"

struct keyfile {
    char *type, *name, *parent, *match, *path, *drivers;
    char *mac;
    unsigned line;
    bool no_start;
};

/* In old files it is six decimal numbers, "0;80;86;...". */
static char *
read_mac(const char *value, struct error *err)
{
    unsigned b[6];
    char *mac = net_mac(value, err);

    if (mac || err->code ||
        sscanf(value, "%u;%u;%u;%u;%u;%u", &b[0], &b[1], &b[2], &b[3], &b[4],
            &b[5]) != 6)
        return mac;
    mac = text_printf("%02x:%02x:%02x:%02x:%02x:%02x", b[0] & 255, b[1] & 255,
        b[2] & 255, b[3] & 255, b[4] & 255, b[5] & 255);
    if (!mac)
        error_no_memory(err);
    return mac;
}

static bool
is_no(const char *value)
{
    return str_equal(value, "false") || str_equal(value, "0") ||
           str_equal(value, "no") || str_equal(value, "off");
}

static bool
is_card_type(const char *type)
{
    return !type || str_equal(type, "ethernet") ||
           str_equal(type, "802-3-ethernet") || str_equal(type, "pppoe");
}

static void
take(struct keyfile *k, const struct ini_text *t, struct error *err)
{
    bool is_wired = str_equal(t->section, "ethernet") ||
                    str_equal(t->section, "802-3-ethernet");

    if (ini_is(t, "connection", "type"))
        k->type = t->value;
    else if (ini_is(t, "connection", "interface-name")) {
        k->name = t->value;
        k->line = t->line;
    } else if (ini_is(t, "connection", "autoconnect"))
        k->no_start = is_no(t->value);
    else if (ini_is(t, "vlan", "parent") || ini_is(t, "macvlan", "parent"))
        k->parent = t->value;
    else if (ini_is(t, "match", "interface-name")) {
        k->match = t->value;
        k->line = k->line ? k->line : t->line;
    } else if (ini_is(t, "match", "driver")) {
        k->drivers = t->value;
        k->line = k->line ? k->line : t->line;
    } else if (ini_is(t, "match", "path"))
        k->path = t->value;
    else if (is_wired && str_equal(t->key, "mac-address")) {
        free(k->mac);
        k->mac = read_mac(t->value, err);
        k->line = k->line ? k->line : t->line;
    }
}

/* Names that a connection may have, "!" before those that it may not. */
static int
add_matches(struct net_settings *s, struct net_setting *item, char *list,
    struct error *err)
{
    char *word;

    while ((word = strsep(&list, ";,"))) {
        word += word[0] == '|' || word[0] == '&';
        if (!*word || *word == '!')
            continue;
        item->name = word;
        if (net_add(s, item, err) < 0)
            return -1;
        item->misfit = NULL;
    }
    return 0;
}

static int
enter(struct net_settings *s, const struct keyfile *k, const char *file,
    struct error *err)
{
    struct net_setting item = {
        .name = k->name,
        .mac = k->mac,
        .pci = (k->path ? str_after(k->path, "pci-") : NULL),
        .file = file,
        .line = k->line ? k->line : 1,
        .starts = !k->no_start,
    };
    cleanup_free char *misfit =
        k->drivers ? net_driver_misfit(k->drivers, err) : NULL;

    if (err->code)
        return -1;
    item.misfit = misfit;
    if (is_card_type(k->type)) {
        if (k->match && !k->name)
            return add_matches(s, &item, k->match, err);
        return item.name || item.mac || item.pci || misfit
                   ? net_add(s, &item, err)
                   : 0;
    }
    if (k->name && net_add_word(s, file, &s->virtuals, k->name, err) < 0)
        return -1;
    /* A parent can also be a card's address, or the UUID of a connection. */
    if (!k->parent || strlen(k->parent) == strlen("00000000-0000-0000-0000-"
                                                  "000000000000"))
        return 0;
    cleanup_free char *mac = net_mac(k->parent, err);
    if (err->code)
        return -1;
    item.mac = mac;
    item.name = mac ? NULL : k->parent;
    item.owner = k->name;
    return net_add(s, &item, err);
}

int
net_read_keyfile(struct net_settings *s, const char *file, const char *text,
    struct error *err)
{
    cleanup_free char *copy = strdup(text);
    struct ini_text t = {.rest = copy};
    struct keyfile k = {0};

    if (!copy)
        return error_no_memory(err);
    while (!err->code && ini_next(&t))
        take(&k, &t, err);

    int r = err->code ? -1 : enter(s, &k, file, err);
    free(k.mac);
    return r;
}

char *
net_keyfile_uuid(const char *text, struct error *err)
{
    cleanup_free char *copy = strdup(text);
    struct ini_text t = {.rest = copy};
    char *uuid = NULL;

    while (copy && !uuid && ini_next(&t))
        if (ini_is(&t, "connection", "uuid") && !(uuid = strdup(t.value)))
            return error_no_memory(err), NULL;
    if (!copy)
        error_no_memory(err);
    return uuid;
}
