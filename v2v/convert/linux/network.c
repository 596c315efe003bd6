/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Network cards keep their names, so every setting of the guest that uses them
 * stays valid.  A Xen card is called eth0, or enX0 by a newer systemd, a card
 * of VMware ens192; on the new machine it would be enp1s0.  The MAC address
 * stays the same, so the name is tied to it.
 *
 * net/files.c reads what the guest says, net/decide.c combines it with what
 * the source says; here the names are written. */
#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "v2v/convert/linux/net/files.h"
#include "v2v/convert/linux/steps.h"

static const char why[] = "the card has another name on the new machine, and "
                          "the guest configures it by name";
static const char what[] = "the name of a network card";

static int
make_folder(struct conversion *c, const char *folder, struct error *err)
{
    if (!job_is_dir(&c->job, folder) && mayfly_mkdir_p(c->job.g, folder) < 0)
        return job_fail(&c->job, err);
    return 0;
}

/* The first file that matches a card counts, so it sorts before the guest's. */
static int
pin_by_link(
    struct conversion *c, const char *mac, const char *name, struct error *err)
{
    static const char folder[] = "/etc/systemd/network";
    cleanup_free char *usual = text_printf("%s/10-%s.link", folder, name);
    cleanup_free char *other = text_printf("%s/09-%s.link", folder, name);
    cleanup_free char *text =
        text_printf("[Match]\nMACAddress=%s\n\n[Link]\nName=%s\n", mac, name);

    if (!usual || !other || !text)
        return error_no_memory(err);
    if (make_folder(c, folder, err) < 0)
        return -1;
    return conversion_write(
        c, job_exists(&c->job, usual) ? other : usual, text, what, why, err);
}

static int
pin_by_rule(
    struct conversion *c, const char *mac, const char *name, struct error *err)
{
    static const char path[] = "/etc/udev/rules.d/70-persistent-net.rules";
    cleanup_free char *old = conversion_read(c, path, NULL, err);

    if (!old && err->code)
        return -1;
    cleanup_free char *text = text_printf(
        "%sSUBSYSTEM==\"net\", ACTION==\"add\", ATTR{address}==\"%s\", "
        "ATTR{type}==\"1\", NAME=\"%s\"\n",
        old ? old : "", mac, name);
    if (!text)
        return error_no_memory(err);
    if (make_folder(c, "/etc/udev/rules.d", err) < 0)
        return -1;
    return conversion_write(c, path, text, what, why, err);
}

/* Alpine: mdev can call nameif, which reads /etc/mactab. */
static int
pin_by_table(
    struct conversion *c, const char *mac, const char *name, struct error *err)
{
    static const char path[] = "/etc/mactab";
    cleanup_free char *old = conversion_read(c, path, NULL, err);
    cleanup_free char *mdev =
        err->code ? NULL : conversion_read(c, "/etc/mdev.conf", NULL, err);
    bool is_called = false;

    if (err->code)
        return -1;
    if (old && strcasestr(old, mac))
        return 0;
    for (const char *p = mdev; p && *p; p += strspn(p, "\n")) {
        size_t n = strcspn(p, "\n");
        const char *call = strstr(p, "nameif");

        is_called |= *p != '#' && call && call < p + n;
        p += n;
    }
    cleanup_free char *text =
        text_printf("%s%s %s\n", old ? old : "", name, mac);
    if (!text)
        return error_no_memory(err);
    if (conversion_write(c, path, text, what, why, err) < 0)
        return -1;
    if (is_called)
        return 0;
    return conversion_tell(c, FINDING_REVIEW, path, err,
        "the card %s is called %s here, but nothing in /etc/mdev.conf calls "
        "nameif",
        mac, name);
}

enum naming { BY_LINK, BY_RULE, BY_TABLE };

static bool
any_exists(struct conversion *c, const char *const *paths)
{
    for (; *paths; paths++)
        if (job_exists(&c->job, *paths))
            return true;
    return false;
}

static enum naming
find_naming(struct conversion *c)
{
    static const char *const links[] = {
        "/usr/lib/udev/rules.d/80-net-setup-link.rules",
        "/lib/udev/rules.d/80-net-setup-link.rules", "/etc/systemd",
        "/usr/lib/systemd", NULL};
    /* What starts a system without systemd. */
    static const char *const others[] = {"/etc/inittab", "/etc/init.d/rcS",
        "/etc/rc.d/rc.sysinit", "/etc/init/rc-sysinit.conf",
        "/etc/alpine-release", NULL};
    static const char *const udev[] = {"/sbin/udevd", "/lib/udev/udevd",
        "/lib/systemd/systemd-udevd", "/etc/udev/rules.d", NULL};

    if (any_exists(c, links) || !any_exists(c, others))
        return BY_LINK;
    return job_exists(&c->job, "/etc/mdev.conf") && !any_exists(c, udev)
               ? BY_TABLE
               : BY_RULE;
}

/* A guest that counts its cards finds them in the new order, which is that of
 * the source. */
static bool
is_counted_so(const struct net_plan *plan, size_t i)
{
    cleanup_free char *name = text_printf("eth%zu", i);

    return name && plan->cards[i].name && str_equal(plan->cards[i].name, name);
}

static int
pin(struct conversion *c, const struct net_plan *plan, struct error *err)
{
    static int (*const pins[])(
        struct conversion *, const char *, const char *, struct error *) = {
        [BY_LINK] = pin_by_link,
        [BY_RULE] = pin_by_rule,
        [BY_TABLE] = pin_by_table,
    };
    enum naming naming = find_naming(c);

    for (size_t i = 0; i < c->guest->n_nics; i++) {
        const struct net_card *card = &plan->cards[i];

        if (!card->name || card->is_named ||
            (naming == BY_TABLE && is_counted_so(plan, i)))
            continue;
        if (pins[naming](c, c->guest->nics[i].mac, card->name, err) < 0)
            return -1;
    }
    return 0;
}

static int
tell(struct conversion *c, const struct net_settings *s,
    const struct net_plan *plan, struct error *err)
{
    for (size_t i = 0; i < plan->n_reviews; i++)
        if (report_add(&c->report, FINDING_REVIEW, plan->reviews[i].file,
                plan->reviews[i].text, NULL, err) < 0)
            return -1;
    for (char **broken = s->broken; broken && *broken; broken++)
        if (conversion_tell(c, FINDING_REVIEW, NULL, err,
                "network settings could not be read: %s", *broken) < 0)
            return -1;
    return 0;
}

int
linux_network(struct conversion *c, struct error *err)
{
    cleanup_net_settings struct net_settings settings = {0};
    cleanup_net_plan struct net_plan plan = {0};
    enum net_manner manner;

    if (net_files_read(c, &settings, err) < 0 ||
        net_files_manner(c, &manner, err) < 0 ||
        net_decide(c->guest, &settings, manner, &plan, err) < 0 ||
        pin(c, &plan, err) < 0)
        return -1;
    return tell(c, &settings, &plan, err);
}
