/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "v2v/convert/linux/net/files.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "v2v/convert/linux/net/folders.h"

enum { FILE_MAX = 1 << 20 };

/* What a reader needs besides the text. */
struct reading {
    struct conversion *c;
    struct net_settings *s;
    struct netplan *plan, *cloud;
    char **more; /* included by ifupdown's files, and how far they were read */
    char **dropins; /* of systemd's files */
    char **uuids;   /* of connections of NetworkManager */
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
    static const char own[] = "/etc/NetworkManager/system-connections";
    cleanup_free char *uuid = net_keyfile_uuid(text, err);

    if (err->code)
        return -1;
    if (!str_after(file, own)) {
        cleanup_free char *same = text_printf("%s%s", own, strrchr(file, '/'));
        cleanup_free char *grave =
            text_printf("%s/%s.nmmeta", own, uuid ? uuid : "");

        if (!same || !grave)
            return error_no_memory(err);
        /* Another file with its name or its UUID replaces it, and a link to
         * /dev/null says that it was deleted. */
        if (job_exists(&r->c->job, same) || net_files_is_masked(r->c, same) ||
            net_files_is_masked(r->c, grave) ||
            (uuid && strv_contains(r->uuids, uuid)))
            return 0;
    }
    if (uuid && net_add_word(r->s, file, &r->uuids, uuid, err) < 0)
        return -1;
    return net_read_keyfile(r->s, file, text, err);
}

static int
read_networkd(
    struct reading *r, const char *file, const char *text, struct error *err)
{
    cleanup_strv char **dropins =
        net_folders_dropins(r->c, r->dropins, file, err);

    return dropins ? net_read_networkd(r->s, file, text, dropins, err) : -1;
}

static int
read_dhcpcd(
    struct reading *r, const char *file, const char *text, struct error *err)
{
    return net_read_dhcpcd(r->s, file, text, err);
}

static int
read_manager(
    struct reading *r, const char *file, const char *text, struct error *err)
{
    return net_read_manager(r->s, file, text, err);
}

/* Most of cloud-init's files are about other things. */
static int
read_cloud(
    struct reading *r, const char *file, const char *text, struct error *err)
{
    const char *found =
        str_after(text, "network:") ? text : strstr(text, "\nnetwork:");

    if (!found && !str_after(file, "/var/lib/cloud/"))
        return 0;
    return netplan_read(r->cloud, r->s, file, text, err);
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

#define SYSTEMD "/{etc,usr/local/lib,usr/lib,lib}/systemd/network/*"

/* Those that name cards come first. */
static const struct {
    const char *pattern;
    reader read;
} files[] = {
    {"/{etc/udev/rules.d/*,usr/local/lib/udev/rules.d/*,"
     "usr/lib/udev/rules.d/*net*,lib/udev/rules.d/*net*}.rules",
        read_udev},
    {SYSTEMD ".link", read_networkd},
    {SYSTEMD ".netdev", read_networkd},
    {SYSTEMD ".network", read_networkd},
    {"/{etc,usr/lib,lib}/netplan/*.yaml", read_netplan},
    {"/etc/NetworkManager/system-connections/*", read_keyfile},
    {"/usr/lib/NetworkManager/system-connections/*", read_keyfile},
    {"/{etc,usr/lib}/NetworkManager/conf.d/*.conf", read_manager},
    {"/etc/NetworkManager/NetworkManager.conf", read_manager},
    {"/etc/sysconfig/network-scripts/ifcfg-*", read_red_hat},
    {"/etc/sysconfig/network/ifcfg-*", read_suse},
    {"/etc/wicked/ifconfig/*.xml", read_wicked},
    {"/etc/netctl/*", read_netctl},
    {"/etc/conf.d/net", read_netifrc},
    {"/etc/dhcpcd.conf", read_dhcpcd},
    {"/etc/cloud/{cloud.cfg,cloud.cfg.d/*.cfg}", read_cloud},
    {"/var/lib/cloud/seed/{nocloud,nocloud-net}/network-config", read_cloud},
    {"/etc/network/interfaces", read_ifupdown},
};

static int
read_files(
    struct reading *r, const char *pattern, reader read, struct error *err)
{
    cleanup_free char **paths = net_folders_list(r->c, pattern, err);

    if (!paths)
        return -1;
    for (char **path = paths; *path; path++) {
        cleanup_free char *text = conversion_read(r->c, *path, NULL, err);

        if (!text && err->code)
            return -1;
        if (text && strlen(text) > FILE_MAX
                ? net_add_broken(r->s, *path, "larger than 1 MiB", err) < 0
                : text && read(r, *path, text, err) < 0)
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
        if (i >= NET_INCLUDES_MAX)
            return net_add_broken(r->s, "/etc/network/interfaces",
                "it includes too many files", err);
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
    struct reading r = {
        .c = c,
        .s = ret,
        .plan = netplan_new(false, err),
        .cloud = netplan_new(true, err),
        .dropins = net_folders_list(c, SYSTEMD ".{network,link}.d/*.conf", err),
    };
    int result = r.plan && r.cloud && r.dropins ? 0 : -1;

    for (size_t i = 0; result == 0 && i < N_ELEMENTS(files); i++)
        result = read_files(&r, files[i].pattern, files[i].read, err);
    if (result == 0)
        result = read_included(&r, err);
    if (result == 0)
        result = netplan_finish(r.plan, ret, err);
    if (result == 0 && !job_exists(&c->job, "/etc/cloud/cloud-init.disabled"))
        result = netplan_finish(r.cloud, ret, err);
    if (result == 0)
        net_settle(ret);
    netplan_free(r.plan);
    netplan_free(r.cloud);
    strv_free(r.more);
    free(r.dropins);
    strv_free(r.uuids);
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

bool
net_files_is_masked(struct conversion *c, const char *path)
{
    cleanup_free char *target = NULL;
    bool is_link = false;

    return mayfly_is_symlink(c->job.g, path, &is_link) == 0 && is_link &&
           mayfly_readlink(c->job.g, path, &target) == 0 &&
           str_equal(target, "/dev/null");
}

static int
find_manner(struct conversion *c, enum net_manner *ret, struct error *err)
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
        if (net_files_is_masked(c, masks[i]))
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

int
net_files_manner(struct conversion *c, enum net_manner *ret, struct error *err)
{
    enum net_manner manner;

    if (!c->has_net_manner) {
        if (find_manner(c, &manner, err) < 0)
            return -1;
        c->net_manner = manner;
        c->has_net_manner = true;
    }
    *ret = (enum net_manner)c->net_manner;
    return 0;
}
