/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which name each card had: what the guest's files say about addresses first,
 * then what the old machine says about places, and only then the order. */
#pragma once
#include "v2v/convert/linux/net/settings.h"
#include "v2v/machine/guest.h"

struct net_card {
    char *name;    /* NULL: unknown, or of no importance */
    bool is_named; /* the guest itself names it, here as well */
};

/* What the user should look at. */
struct net_review {
    char *file; /* NULL: no single file */
    char *text;
};

struct net_plan {
    struct net_card cards[GUEST_NICS_MAX]; /* as GUEST's */
    struct net_review *reviews;
    size_t n_reviews;
};

/* How the guest names cards that no file names. */
enum net_manner {
    NET_MANNER_UNKNOWN,
    NET_COUNTED,  /* ethN */
    NET_BY_PLACE, /* ens192 */
};

int net_decide(const struct guest *guest, const struct net_settings *s,
    enum net_manner manner, struct net_plan *ret, struct error *err);

void net_plan_clear(struct net_plan *plan);
#define cleanup_net_plan __attribute__((cleanup(net_plan_clear)))
