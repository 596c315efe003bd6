/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules of udev that name a card by its address or by its place, such as those
 * in 70-persistent-net.rules. */
#include <config.h>

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "v2v/convert/linux/net/settings.h"

struct rule {
    char *mac, *kernel, *place, *driver, *name;
    bool is_net;
};

/* Split KEY OP "VALUE" off *REST; false at the end. */
static bool
next_part(char **rest, char **ret_key, char **ret_op, char **ret_value)
{
    char *p = *rest + strspn(*rest, " \t,"), *quote, *end;
    size_t n = strcspn(p, "=!+:-\"");

    if (!p[n] || p[n] == '"' || !(quote = strchr(p + n, '"')) ||
        !(end = strchr(quote + 1, '"')))
        return false;
    *ret_key = p;
    *ret_op = strndup(p + n, (size_t)(quote - p) - n);
    *ret_value = quote + 1;
    while (n > 0 && isspace((unsigned char)p[n - 1]))
        n--;
    p[n] = 0;
    *end = 0;
    *rest = end + 1;
    return *ret_op;
}

static void
take(struct rule *r, const char *key, const char *op, char *value)
{
    bool equal = str_after(op, "==");

    if ((str_equal(key, "SUBSYSTEM") || str_equal(key, "SUBSYSTEMS")) && equal)
        r->is_net |= str_equal(value, "net");
    else if ((str_equal(key, "ATTR{address}") ||
                 str_equal(key, "ATTRS{address}") ||
                 str_equal(key, "SYSFS{address}")) &&
             equal)
        r->mac = value;
    else if (str_equal(key, "KERNEL") && equal)
        r->kernel = value;
    else if ((str_equal(key, "KERNELS") || str_equal(key, "ID")) && equal)
        r->place = value;
    else if (str_equal(key, "ENV{ID_PATH}") && equal)
        r->place = str_after(value, "pci-") ? value + strlen("pci-") : value;
    else if ((str_equal(key, "DRIVERS") || str_equal(key, "DRIVER")) && equal)
        r->driver = value;
    else if (str_after(key, "IMPORT") &&
             str_after(value, "/lib/udev/rename_netiface %k "))
        r->name = value + strlen("/lib/udev/rename_netiface %k ");
    else if (str_equal(key, "NAME") && !equal && op[0] != '!')
        r->name = value;
}

/* Does the rule still apply to a virtio card with this address?  The kernel
 * writes addresses in lower case, and rules compare letters. */
static bool
still_applies(const struct rule *r)
{
    for (const char *p = r->mac; p && *p; p++)
        if (isupper((unsigned char)*p))
            return false;
    return r->mac && !r->place &&
           (!r->driver || net_matches(r->driver, "virtio_net")) &&
           (!r->kernel || net_matches(r->kernel, "eth0"));
}

static int
take_rule(struct net_settings *s, const char *file, unsigned line, char *text,
    struct error *err)
{
    struct rule r = {0};
    char *key, *value;

    for (;;) {
        cleanup_free char *op = NULL;

        if (!next_part(&text, &key, &op, &value))
            break;
        take(&r, key, op, value);
    }
    if (!r.name || !r.is_net || strpbrk(r.name, "$%") ||
        (!r.mac && !r.place && !r.kernel))
        return 0;

    cleanup_free char *mac = r.mac ? net_mac(r.mac, err) : NULL;
    const struct net_setting item = {
        .name = r.name,
        .old = r.kernel && !net_is_pattern(r.kernel) ? r.kernel : NULL,
        .mac = mac,
        .pci = r.place,
        .file = file,
        .line = line,
        .starts = true,
        .names = true,
        .pins = still_applies(&r),
    };
    if (err->code)
        return -1;
    return item.mac || item.old || item.pci ? net_add(s, &item, err) : 0;
}

int
net_read_udev(struct net_settings *s, const char *file, const char *text,
    struct error *err)
{
    cleanup_free char *copy = strdup(text);
    unsigned line = 0;
    char *p = copy;

    if (!copy)
        return error_no_memory(err);
    while (*p) {
        char *start = p, *end;
        unsigned first = ++line;

        while ((end = strchr(p, '\n')) && end > start && end[-1] == '\\') {
            end[-1] = *end = ' ';
            p = end;
            line++;
        }
        p = end ? end + 1 : p + strlen(p);
        if (end)
            *end = 0;
        start += strspn(start, " \t");
        if (*start != '#' && take_rule(s, file, first, start, err) < 0)
            return -1;
    }
    return 0;
}
