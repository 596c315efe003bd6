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
#include "v2v/convert/linux/net/naming.h"
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
pin_by_link(struct conversion *c, const struct net_naming *naming,
    const char *mac, const char *name, struct error *err)
{
    cleanup_free char *path = net_naming_link(naming, name, err);
    cleanup_free char *text =
        text_printf("[Match]\nMACAddress=%s\n\n[Link]\nName=%s\n", mac, name);

    if (!path && !err->code)
        return conversion_tell(c, FINDING_REVIEW, naming->first_link, err,
            "it comes before every other .link file, so the card %s may not "
            "get the name %s",
            mac, name);
    if (!path || !text)
        return err->code ? -1 : error_no_memory(err);
    if (make_folder(c, "/etc/systemd/network", err) < 0)
        return -1;
    return conversion_write(c, path, text, what, why, err);
}

/* A VLAN has the address of its card, but no driver.  Where a rule cannot ask
 * for both, the name of the kernel says the same. */
static int
pin_by_rule(struct conversion *c, const struct net_naming *naming,
    const char *mac, const char *name, struct error *err)
{
    cleanup_free char *old = conversion_read(c, naming->rules, NULL, err);
    size_t n = old ? strlen(old) : 0;

    if (!old && err->code)
        return -1;
    cleanup_free char *text = text_printf(
        naming->kind == NET_BY_OLD_RULE
            ? "%s%sSUBSYSTEM==\"net\", ACTION==\"add\", KERNEL==\"eth?\", "
              "SYSFS{address}==\"%s\", NAME=\"%s\"\n"
            : "%s%sSUBSYSTEM==\"net\", ACTION==\"add\", DRIVERS==\"?*\", "
              "ATTR{address}==\"%s\", ATTR{type}==\"1\", NAME=\"%s\"\n",
        old ? old : "", n > 0 && old[n - 1] != '\n' ? "\n" : "", mac, name);
    if (!text)
        return error_no_memory(err);
    if (make_folder(c, "/etc/udev/rules.d", err) < 0)
        return -1;
    return conversion_write(c, naming->rules, text, what, why, err);
}

/* Alpine: mdev can call nameif, which reads /etc/mactab. */
static int
pin_by_table(struct conversion *c, const struct net_naming *naming,
    const char *mac, const char *name, struct error *err)
{
    static const char path[] = "/etc/mactab";
    cleanup_free char *old = conversion_read(c, path, NULL, err);
    cleanup_free char *mdev =
        err->code ? NULL : conversion_read(c, "/etc/mdev.conf", NULL, err);
    bool is_called = false;

    (void)naming;
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

/* A guest that counts its cards finds them in the new order, which is that of
 * the source. */
static bool
is_counted_so(const struct net_plan *plan, size_t i)
{
    cleanup_free char *name = text_printf("eth%zu", i);

    return name && plan->cards[i].name && str_equal(plan->cards[i].name, name);
}

static int
pin(struct conversion *c, const struct net_settings *s,
    const struct net_plan *plan, struct error *err)
{
    static int (*const pins[])(struct conversion *, const struct net_naming *,
        const char *, const char *, struct error *) = {
        [NET_BY_LINK] = pin_by_link,
        [NET_BY_RULE] = pin_by_rule,
        [NET_BY_OLD_RULE] = pin_by_rule,
        [NET_BY_TABLE] = pin_by_table,
    };
    cleanup_net_naming struct net_naming naming = {0};

    if (net_naming_find(c, s, &naming, err) < 0)
        return -1;
    for (size_t i = 0; i < c->guest->n_nics; i++) {
        const struct net_card *card = &plan->cards[i];

        if (!card->name || card->is_named ||
            (naming.kind == NET_BY_TABLE && is_counted_so(plan, i)))
            continue;
        if (pins[naming.kind](
                c, &naming, c->guest->nics[i].mac, card->name, err) < 0)
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
        pin(c, &settings, &plan, err) < 0)
        return -1;
    return tell(c, &settings, &plan, err);
}
