/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Theory of operation: .link files are read by net_setup_link of udev, which
 * 80-net-setup-link.rules calls since systemd 209.  A guest without that rule
 * (Upstart, RHEL 6, eudev), or that has switched it off, has a rule of its own
 * kind instead.  So has one whose .link files do more than name cards: the
 * first that matches is the only one that counts, so ours would turn the others
 * off; and one with a rule that names cards and not by their address, since
 * rules come before .link files. */
#include <config.h>

#include "v2v/convert/linux/net/naming.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "v2v/convert/linux/net/files.h"

static const char usual_rules[] = "/etc/udev/rules.d/70-persistent-net.rules";
static const char late_rules[] = "/etc/udev/rules.d/79-persistent-net.rules";

static bool
any_exists(struct conversion *c, const char *const *paths)
{
    for (; *paths; paths++)
        if (job_exists(&c->job, *paths))
            return true;
    return false;
}

/* Does udev call net_setup_link?  A file in /etc replaces that of the same name
 * elsewhere, and a link to /dev/null removes it. */
static int
reads_links(struct conversion *c, bool *ret, struct error *err)
{
    static const char own[] = "/etc/udev/rules.d/80-net-setup-link.rules";
    static const char *const vendors[] = {
        "/usr/local/lib/udev/rules.d/80-net-setup-link.rules",
        "/usr/lib/udev/rules.d/80-net-setup-link.rules",
        "/lib/udev/rules.d/80-net-setup-link.rules", NULL};

    *ret = false;
    if (net_files_is_masked(c, own))
        return 0;
    cleanup_free char *text = conversion_read(c, own, NULL, err);
    if (!text && err->code)
        return -1;
    *ret =
        text ? strstr(text, "net_setup_link") != NULL : any_exists(c, vendors);
    return 0;
}

/* Is it clear from other files that .link files are not read? */
static bool
is_other(struct conversion *c)
{
    static const char *const others[] = {
        /* What starts a system without systemd. */
        "/etc/inittab", "/etc/init.d/rcS", "/etc/rc.d/rc.sysinit",
        "/etc/init/rc-sysinit.conf", "/etc/alpine-release",
        /* The udev of before, or eudev. */
        "/usr/lib/udev/rules.d/50-udev-default.rules",
        "/lib/udev/rules.d/50-udev-default.rules",
        "/usr/lib/udev/rules.d/80-net-name-slot.rules",
        "/lib/udev/rules.d/80-net-name-slot.rules",
        "/lib/udev/rules.d/75-persistent-net-generator.rules",
        "/lib/udev/write_net_rules", "/etc/udev/rules.d/50-udev.rules", NULL};

    return any_exists(c, others);
}

/* Are the guest's rules those of before udev 098? */
static int
has_old_keys(struct conversion *c, bool *ret, struct error *err)
{
    static const char *const folders[] = {
        "/lib/udev/rules.d", "/usr/lib/udev/rules.d", NULL};
    bool has_old = false, has_new = false;

    *ret = false;
    if (any_exists(c, folders))
        return 0;
    cleanup_free char **paths =
        conversion_glob(c, "/etc/udev/rules.d/*.rules", err);
    if (!paths)
        return -1;
    for (char **path = paths; *path; path++) {
        cleanup_free char *text = conversion_read(c, *path, NULL, err);
        char *rest = text, *line;

        if (!text && err->code)
            return -1;
        while ((line = strsep(&rest, "\n"))) {
            if (line[strspn(line, " \t")] == '#')
                continue;
            has_old |= strstr(line, "SYSFS{") != NULL;
            has_new |= strstr(line, "ATTR{") || strstr(line, "ATTRS{");
        }
    }
    *ret = has_old && !has_new;
    return 0;
}

/* A rule that names a card, whichever card it is: by its first name, by its
 * place. */
static const char *
find_other_rule(const struct net_settings *s)
{
    const char *last = NULL;

    for (size_t i = 0; i < s->n; i++) {
        const struct net_setting *item = &s->items[i];
        const char *dot = strrchr(item->file, '.');

        if (item->names && item->starts && !item->mac && dot &&
            str_equal(dot, ".rules") &&
            (!last || strcmp(strrchr(item->file, '/'), last) > 0))
            last = strrchr(item->file, '/');
    }
    return last;
}

/* The name of the guest's first .link file. */
static int
find_first_link(struct conversion *c, char **ret, struct error *err)
{
    cleanup_free char **paths = conversion_glob(
        c, "/{etc,usr/local/lib,usr/lib,lib}/systemd/network/*.link", err);
    const char *first = NULL;

    if (!paths)
        return -1;
    for (char **path = paths; *path; path++) {
        const char *name = strrchr(*path, '/') + 1;

        if (!first || strcmp(name, first) < 0)
            first = name;
    }
    *ret = first ? strdup(first) : NULL;
    return first && !*ret ? error_no_memory(err) : 0;
}

static int
find_rule_kind(
    struct conversion *c, enum net_naming_kind *ret, struct error *err)
{
    static const char *const udev[] = {"/sbin/udevd", "/sbin/udev",
        "/lib/udev/udevd", "/lib/systemd/systemd-udevd",
        "/usr/lib/systemd/systemd-udevd", "/etc/udev/rules.d", NULL};
    bool is_old;

    *ret = NET_BY_TABLE;
    if (job_exists(&c->job, "/etc/mdev.conf") && !any_exists(c, udev))
        return 0;
    if (has_old_keys(c, &is_old, err) < 0)
        return -1;
    *ret = is_old ? NET_BY_OLD_RULE : NET_BY_RULE;
    return 0;
}

int
net_naming_find(struct conversion *c, const struct net_settings *s,
    struct net_naming *ret, struct error *err)
{
    static const char own[] = "/etc/udev/rules.d/80-net-setup-link.rules";
    const char *rule = find_other_rule(s);
    bool by_link;

    ret->kind = NET_BY_LINK;
    ret->rules = rule && strcmp(rule + 1, strrchr(usual_rules, '/') + 1) > 0
                     ? late_rules
                     : usual_rules;
    if (find_first_link(c, &ret->first_link, err) < 0 ||
        reads_links(c, &by_link, err) < 0)
        return -1;
    /* A guest with no sign of udev at all is taken for a new one. */
    if (!by_link && !net_files_is_masked(c, own) && !is_other(c))
        by_link = true;
    if (by_link && !rule && !s->sets_more)
        return 0;
    return find_rule_kind(c, &ret->kind, err);
}

char *
net_naming_link(const struct net_naming *n, const char *name, struct error *err)
{
    static const char *const starts[] = {"10", "09", "00", "0"};

    for (size_t i = 0; i < N_ELEMENTS(starts); i++) {
        char *path =
            text_printf("/etc/systemd/network/%s-%s.link", starts[i], name);

        if (!path)
            return error_no_memory(err), NULL;
        if (!n->first_link || strcmp(strrchr(path, '/') + 1, n->first_link) < 0)
            return path;
        free(path);
    }
    return NULL;
}

void
net_naming_clear(struct net_naming *n)
{
    free(n->first_link);
    *n = (struct net_naming){0};
}
