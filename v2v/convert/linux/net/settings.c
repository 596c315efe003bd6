/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "v2v/convert/linux/net/settings.h"

#include <ctype.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strv.h"

/* A pattern is compared with all others, in time that grows with both. */
enum { NAME_MAX_LENGTH = 15, PATTERN_MAX_LENGTH = 64, MAC_DIGITS = 12 };

bool
net_is_pattern(const char *name)
{
    return strpbrk(name, "*?[");
}

bool
net_matches(const char *pattern, const char *name)
{
    return strnlen(pattern, PATTERN_MAX_LENGTH + 1) <= PATTERN_MAX_LENGTH &&
           fnmatch(pattern, name, 0) == 0;
}

char *
net_mac(const char *text, struct error *err)
{
    char digits[MAC_DIGITS], *mac;
    size_t n = 0;

    for (const char *p = text; *p; p++) {
        if (isxdigit((unsigned char)*p) && n < MAC_DIGITS)
            digits[n++] = (char)tolower((unsigned char)*p);
        else if (!strchr(":-.", *p))
            return NULL;
    }
    if (n != MAC_DIGITS)
        return NULL;
    mac = text_printf("%.2s:%.2s:%.2s:%.2s:%.2s:%.2s", digits, digits + 2,
        digits + 4, digits + 6, digits + 8, digits + 10);
    if (!mac)
        error_no_memory(err);
    return mac;
}

char *
net_driver_misfit(const char *drivers, struct error *err)
{
    static const char own[] = "virtio_net";
    const char *p = drivers + strspn(drivers, " \t");
    bool any = false, fits = false, not_own = false;

    /* "! a b": none of these. */
    bool all = p[0] == '!' && strchr(" \t", p[1]);
    for (; *p;) {
        size_t n = strcspn(p, " \t,;");
        bool negative = all || *p == '!';
        cleanup_free char *word = strndup(p + (*p == '!'), n - (*p == '!'));

        if (!word)
            return error_no_memory(err), NULL;
        p += n + (p[n] != 0);
        if (!*word)
            continue;
        if (negative)
            not_own |= net_matches(word, own);
        else {
            any = true;
            fits |= net_matches(word, own);
        }
    }
    if (!not_own && (fits || !any))
        return NULL;
    char *text = text_printf("network cards with the driver %s", drivers);
    if (!text)
        error_no_memory(err);
    return text;
}

bool
net_is_backup(const char *file)
{
    static const char *const endings[] = {"~", ".bak", ".old", ".orig", ".save",
        ".rpmnew", ".rpmorig", ".rpmsave", ".dpkg-old", ".dpkg-new",
        ".dpkg-dist", ".ucf-old", ".ucf-dist", ".swp", ".swpx", ".disabled",
        ".backup"};
    const char *slash = strrchr(file, '/'), *base = slash ? slash + 1 : file;
    size_t n = strlen(base);

    for (size_t i = 0; i < N_ELEMENTS(endings); i++) {
        size_t m = strlen(endings[i]);

        if (n > m && str_equal(base + n - m, endings[i]))
            return true;
    }
    return base[0] == '.';
}

/* --- names --- */

static bool
is_valid(const char *name)
{
    size_t n = strlen(name);

    return n > 0 && n <= PATTERN_MAX_LENGTH &&
           (n <= NAME_MAX_LENGTH || net_is_pattern(name)) &&
           name[strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTU"
                             "VWXYZ0123456789_.-*?[]^!")] == 0;
}

/* The usual names of what software makes, and of what is no wired card. */
static bool
is_software(const char *name)
{
    static const char *const starts[] = {"bond", "br", "docker", "dummy", "gre",
        "ip6", "lxc", "lxd", "ovs", "ppp", "sit", "tap", "team", "tun", "veth",
        "vif", "virbr", "vlan", "vmbr", "vnet", "vxlan", "wg", "wl", "ww",
        "xenbr"};

    if (str_equal(name, "lo"))
        return true;
    for (size_t i = 0; i < N_ELEMENTS(starts); i++) {
        const char *rest = str_after(name, starts[i]);

        if (rest &&
            (!*rest || isdigit((unsigned char)*rest) || *rest == '-' ||
                *rest == '_' || starts[i][0] == 'w' || strlen(starts[i]) > 3))
            return true;
    }
    return false;
}

/* Replace *TEXT by a copy that S owns. */
static int
keep(struct net_settings *s, const char **text, struct error *err)
{
    char *copy = *text ? strdup(*text) : NULL;

    if (*text && strv_take(&s->texts, copy) < 0)
        return error_no_memory(err);
    *text = copy;
    return 0;
}

int
net_add_broken(struct net_settings *s, const char *file, const char *why,
    struct error *err)
{
    cleanup_free char *text = text_printf("%s: %s", file, why);

    if (!text)
        return error_no_memory(err);
    if (strv_contains(s->broken, text) ||
        strv_length(s->broken) >= NET_SETTINGS_MAX)
        return 0;
    return strv_take(&s->broken, steal_pointer(&text)) < 0
               ? error_no_memory(err)
               : 0;
}

int
net_add_word(struct net_settings *s, const char *file, char ***list,
    const char *word, struct error *err)
{
    if (strv_length(*list) >= NET_SETTINGS_MAX)
        return net_add_broken(s, file, "a list in it is too long", err);
    return strv_append(list, word) < 0 ? error_no_memory(err) : 0;
}

int
net_add(
    struct net_settings *s, const struct net_setting *item, struct error *err)
{
    struct net_setting new = *item;
    cleanup_free char *name = item->name ? strdup(item->name) : NULL;

    if (item->name && !name)
        return error_no_memory(err);
    if (name && !net_is_pattern(name))
        name[strcspn(name, ":.@")] = 0;
    if (name && !is_valid(name))
        return 0;
    if (s->n == NET_SETTINGS_MAX)
        return net_add_broken(
            s, item->file, "the guest has too many of them", err);

    struct net_setting *more = reallocarray(s->items, s->n + 1, sizeof *more);
    if (!more)
        return error_no_memory(err);
    s->items = more;
    new.name = name;
    if (keep(s, &new.name, err) < 0 || keep(s, &new.old, err) < 0 ||
        keep(s, &new.mac, err) < 0 || keep(s, &new.pci, err) < 0 ||
        keep(s, &new.owner, err) < 0 || keep(s, &new.misfit, err) < 0 ||
        keep(s, &new.file, err) < 0)
        return -1;
    s->items[s->n++] = new;
    return 0;
}

static bool
is_auto(const struct net_settings *s, const char *name)
{
    for (char **a = s->autos; name && a && *a; a++)
        if (str_equal(*a, name) || net_matches(*a, name) ||
            (net_is_pattern(name) && net_matches(name, *a)))
            return true;
    return false;
}

static bool
is_made(const struct net_settings *s, const struct net_setting *item)
{
    return item->name && !item->names &&
           (strv_contains(s->virtuals, item->name) ||
               (!item->owner && is_software(item->name)));
}

/* If nothing starts at boot, something starts these that we do not know. */
static void
start_all(struct net_settings *s)
{
    for (size_t i = 0; i < s->n; i++)
        if (s->items[i].starts && !s->items[i].names)
            return;
    for (size_t i = 0; i < s->n; i++)
        s->items[i].starts |= !net_is_backup(s->items[i].file);
}

void
net_settle(struct net_settings *s)
{
    size_t n = 0;

    for (size_t i = 0; i < s->n; i++) {
        struct net_setting *item = &s->items[i];

        if (item->by_auto)
            item->starts = item->starts || is_auto(s, item->name) ||
                           is_auto(s, item->owner);
        if (net_is_backup(item->file))
            item->starts = item->pins = false;
        if (!is_made(s, item))
            s->items[n++] = *item;
    }
    s->n = n;
    start_all(s);
}

void
net_settings_clear(struct net_settings *s)
{
    free(s->items);
    strv_free(s->texts);
    strv_free(s->autos);
    strv_free(s->virtuals);
    strv_free(s->broken);
    *s = (struct net_settings){0};
}
