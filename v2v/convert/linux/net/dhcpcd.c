/* SPDX-License-Identifier: GPL-2.0-or-later */
/* dhcpcd.conf(5): "interface ens192" starts the settings of one card; and
 * NetworkManager.conf(5), which selects devices by "driver:vmxnet3". */
#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "v2v/convert/linux/net/ini.h"
#include "v2v/convert/linux/net/settings.h"

int
net_read_dhcpcd(struct net_settings *s, const char *file, const char *text,
    struct error *err)
{
    cleanup_free char *copy = strdup(text);
    struct net_setting item = {.file = file, .starts = true};
    char *rest = copy, *line;

    if (!copy)
        return error_no_memory(err);
    while ((line = strsep(&rest, "\n"))) {
        char *words = line + strspn(line, " \t");
        const char *word = strsep(&words, " \t\r"), *name;
        bool is_list = str_equal(word, "allowinterfaces");

        item.line++;
        if (!is_list && !str_equal(word, "interface"))
            continue;
        while ((name = strsep(&words, " \t\r"))) {
            if (!*name)
                continue;
            item.name = name;
            if (net_add(s, &item, err) < 0)
                return -1;
            if (!is_list)
                break;
        }
    }
    return 0;
}

/* A list of "driver:NAME", "except:driver:NAME" and others. */
static int
take_devices(struct net_settings *s, struct net_setting *item, char *list,
    struct error *err)
{
    static const char *const software[] = {
        "veth", "bridge", "tun", "dummy", "vxlan", "bonding", "team"};
    char *word;

    while ((word = strsep(&list, ";, \t"))) {
        const char *driver = str_after(word, "driver:");
        bool known = !driver;

        for (size_t i = 0; driver && i < N_ELEMENTS(software); i++)
            known |= str_equal(driver, software[i]);
        if (known)
            continue;
        cleanup_free char *said = net_driver_misfit(driver, err);
        if (err->code)
            return -1;
        item->misfit = said;
        if (said && net_add(s, item, err) < 0)
            return -1;
    }
    return 0;
}

int
net_read_manager(struct net_settings *s, const char *file, const char *text,
    struct error *err)
{
    static const char *const keys[] = {"match-device", "unmanaged-devices",
        "no-auto-default", "ignore-carrier", "assume-ipv6ll-only"};
    cleanup_free char *copy = strdup(text);
    struct ini_text t = {.rest = copy};

    if (!copy)
        return error_no_memory(err);
    while (ini_next(&t)) {
        size_t n = strlen(t.key);
        struct net_setting item = {
            .file = file, .line = t.line, .starts = true, .names = true};

        /* "unmanaged-devices+=" adds to what came before. */
        if (n > 0 && strchr("+-", t.key[n - 1]))
            t.key[n - 1] = 0;
        for (size_t i = 0; i < N_ELEMENTS(keys); i++)
            if (str_equal(t.key, keys[i]) &&
                take_devices(s, &item, t.value, err) < 0)
                return -1;
    }
    return 0;
}
