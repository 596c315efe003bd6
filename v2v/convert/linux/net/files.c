/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "v2v/convert/linux/net/files.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strv.h"

enum { INCLUDES_MAX = 100 };

/* What a reader needs besides the text. */
struct reading {
    struct conversion *c;
    struct net_settings *s;
    struct netplan *plan;
    char **more; /* included by ifupdown's files, and how far they were read */
};

typedef int (*reader)(
    struct reading *r, const char *file, const char *text, struct error *err);

static int
read_ifupdown(
    struct reading *r, const char *file, const char *text, struct error *err)
{
    return net_read_ifupdown(r->s, file, text, &r->more, err);
}

static int
read_red_hat(
    struct reading *r, const char *file, const char *text, struct error *err)
{
    return net_read_ifcfg(r->s, file, text, false, err);
}

static int
read_suse(
    struct reading *r, const char *file, const char *text, struct error *err)
{
    return net_read_ifcfg(r->s, file, text, true, err);
}

static int
read_netctl(
    struct reading *r, const char *file, const char *text, struct error *err)
{
    cleanup_free char *pattern = text_printf(
        "/etc/systemd/system/*/netctl@%s.service", strrchr(file, '/') + 1);
    cleanup_free char **links =
        pattern ? conversion_glob(r->c, pattern, err) : NULL;

    if (!links)
        return err->code ? -1 : error_no_memory(err);
    return net_read_netctl(r->s, file, text, links[0], err);
}

static int
read_netifrc(
    struct reading *r, const char *file, const char *text, struct error *err)
{
    return net_read_netifrc(r->s, file, text, err);
}

static int
read_keyfile(
    struct reading *r, const char *file, const char *text, struct error *err)
{
    return net_read_keyfile(r->s, file, text, err);
}

static int
read_networkd(
    struct reading *r, const char *file, const char *text, struct error *err)
{
    return net_read_networkd(r->s, file, text, err);
}

static int
read_udev(
    struct reading *r, const char *file, const char *text, struct error *err)
{
    return net_read_udev(r->s, file, text, err);
}

static int
read_wicked(
    struct reading *r, const char *file, const char *text, struct error *err)
{
    return net_read_wicked(r->s, file, text, err);
}

static int
read_netplan(
    struct reading *r, const char *file, const char *text, struct error *err)
{
    return netplan_read(r->plan, r->s, file, text, err);
}

/* Those that name cards come first. */
static const struct {
    const char *pattern;
    reader read;
} files[] = {
    {"/etc/udev/rules.d/*.rules", read_udev},
    {"/etc/systemd/network/*.link", read_networkd},
    {"/etc/systemd/network/*.netdev", read_networkd},
    {"/etc/systemd/network/*.network", read_networkd},
    {"/etc/netplan/*.yaml", read_netplan},
    {"/etc/NetworkManager/system-connections/*", read_keyfile},
    {"/etc/sysconfig/network-scripts/ifcfg-*", read_red_hat},
    {"/etc/sysconfig/network/ifcfg-*", read_suse},
    {"/etc/wicked/ifconfig/*.xml", read_wicked},
    {"/etc/netctl/*", read_netctl},
    {"/etc/conf.d/net", read_netifrc},
    {"/etc/network/interfaces", read_ifupdown},
};

static int
read_files(
    struct reading *r, const char *pattern, reader read, struct error *err)
{
    cleanup_free char **paths = conversion_glob(r->c, pattern, err);

    if (!paths)
        return -1;
    for (char **path = paths; *path; path++) {
        cleanup_free char *text = conversion_read(r->c, *path, NULL, err);

        if ((!text && err->code) || (text && read(r, *path, text, err) < 0))
            return -1;
    }
    return 0;
}

/* In a folder ifupdown reads only names of letters, digits, "_" and "-". */
static int
read_folder(struct reading *r, const char *folder, struct error *err)
{
    cleanup_free char *pattern = text_printf("%s/*", folder);
    cleanup_free char **paths =
        pattern ? conversion_glob(r->c, pattern, err) : NULL;

    if (!paths)
        return err->code ? -1 : error_no_memory(err);
    for (char **path = paths; *path; path++) {
        const char *name = strrchr(*path, '/') + 1;

        if (name[strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQR"
                              "STUVWXYZ0123456789_-")] == 0 &&
            read_files(r, *path, read_ifupdown, err) < 0)
            return -1;
    }
    return 0;
}

static int
read_included(struct reading *r, struct error *err)
{
    for (size_t i = 0; r->more && r->more[i]; i++) {
        cleanup_free char *name = strdup(r->more[i]);
        bool known = false;

        if (!name)
            return error_no_memory(err);
        for (size_t k = 0; k < i && !known; k++)
            known = str_equal(r->more[k], name);
        if (known)
            continue;
        if (i == INCLUDES_MAX)
            return error_set(err, E2BIG,
                "/etc/network/interfaces includes more than %d files",
                INCLUDES_MAX);
        if ((name[0] == 'd' ? read_folder(r, name + 1, err)
                            : read_files(r, name + 1, read_ifupdown, err)) < 0)
            return -1;
    }
    return 0;
}

int
net_files_read(
    struct conversion *c, struct net_settings *ret, struct error *err)
{
    struct reading r = {.c = c, .s = ret, .plan = netplan_new(err)};
    int result = r.plan ? 0 : -1;

    for (size_t i = 0; result == 0 && i < N_ELEMENTS(files); i++)
        result = read_files(&r, files[i].pattern, files[i].read, err);
    if (result == 0)
        result = read_included(&r, err);
    if (result == 0)
        result = netplan_finish(r.plan, ret, err);
    if (result == 0)
        net_settle(ret);
    netplan_free(r.plan);
    strv_free(r.more);
    return result;
}

/* --- names without a file --- */

/* Is WORD one of the words of a line that is no comment? */
static bool
has_word(const char *text, const char *word)
{
    static const char ends[] = " \t\r\n\"'";
    const char *p = text;

    while (*p) {
        size_t n = strcspn(p, "\n");
        size_t m = strlen(word);

        p += strspn(p, " \t");
        for (const char *q = p; *p != '#' && q + m <= p + strcspn(p, "\n"); q++)
            if (strncmp(q, word, m) == 0 && strchr(ends, q[m]) &&
                (q == p || strchr(" \t\"'=", q[-1])))
                return true;
        n = strcspn(p, "\n");
        p += n + (p[n] != 0);
    }
    return false;
}

static bool
is_masked(struct conversion *c, const char *path)
{
    cleanup_free char *target = NULL;
    bool is_link = false;

    return mayfly_is_symlink(c->job.g, path, &is_link) == 0 && is_link &&
           mayfly_readlink(c->job.g, path, &target) == 0 &&
           str_equal(target, "/dev/null");
}

int
net_files_manner(struct conversion *c, enum net_manner *ret, struct error *err)
{
    static const char *const masks[] = {"/etc/systemd/network/99-default.link",
        "/etc/udev/rules.d/80-net-setup-link.rules",
        "/etc/udev/rules.d/80-net-name-slot.rules"};
    static const char *const command_lines[] = {"/etc/default/grub",
        "/etc/kernel/cmdline", "/boot/grub/grub.cfg", "/boot/grub2/grub.cfg",
        "/boot/grub2/grubenv", "/boot/loader/entries/*.conf",
        "/boot/extlinux/extlinux.conf", "/boot/extlinux.conf"};
    static const char *const rules[] = {
        "/usr/lib/udev/rules.d/80-net-setup-link.rules",
        "/lib/udev/rules.d/80-net-setup-link.rules",
        "/usr/lib/udev/rules.d/80-net-name-slot.rules"};

    *ret = NET_MANNER_UNKNOWN;
    for (size_t i = 0; i < N_ELEMENTS(rules); i++)
        if (job_exists(&c->job, rules[i]))
            *ret = NET_BY_PLACE;
    for (size_t i = 0; i < N_ELEMENTS(masks); i++)
        if (is_masked(c, masks[i]))
            *ret = NET_COUNTED;
    for (size_t i = 0; i < N_ELEMENTS(command_lines); i++) {
        cleanup_free char **paths = conversion_glob(c, command_lines[i], err);

        if (!paths)
            return -1;
        for (char **path = paths; *path; path++) {
            cleanup_free char *text = conversion_read(c, *path, NULL, err);

            if (!text && err->code)
                return -1;
            if (text && has_word(text, "net.ifnames=0"))
                *ret = NET_COUNTED;
        }
    }
    return 0;
}
