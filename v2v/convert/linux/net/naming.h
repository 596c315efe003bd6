/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How a name can be tied to a card so that this guest reads it. */
#pragma once
#include "v2v/convert/conversion.h"
#include "v2v/convert/linux/net/settings.h"

enum net_naming_kind {
    NET_BY_LINK,     /* systemd's udev, a .link file */
    NET_BY_RULE,     /* any other udev, a rule */
    NET_BY_OLD_RULE, /* before 098, which has other keys */
    NET_BY_TABLE,    /* mdev and nameif, /etc/mactab */
};

struct net_naming {
    enum net_naming_kind kind;
    const char *rules; /* the file for a rule, after those of the guest */
    char *first_link;  /* the name of the guest's first .link file; or NULL */
};

int net_naming_find(struct conversion *c, const struct net_settings *s,
    struct net_naming *ret, struct error *err);

void net_naming_clear(struct net_naming *n);
#define cleanup_net_naming __attribute__((cleanup(net_naming_clear)))

/* Where a .link file for the card NAME goes so that no file of the guest comes
 * before it; NULL without an error: nowhere. */
char *net_naming_link(
    const struct net_naming *n, const char *name, struct error *err);
