/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Theory of operation: each step gives names to cards that have none yet, the
 * surest knowledge first:
 *
 *     a file names the card of an address, or of a place
 *     a setting has both the address and the name
 *     a name that is in use belongs to the card in that place
 *     ethN counts the cards
 *     as many names as cards are left: one name is for one card; several are
 *         taken in their order, which is a guess and is reported as one
 *     the others get the names of their places, in the manner of the first
 *
 * Then what is in use and was not given to a card is reported. */
#include <config.h>

#include "v2v/convert/linux/net/decide.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strv.h"

struct work {
    const struct guest *guest;
    const struct net_settings *s;
    struct net_plan *plan;
    enum net_manner manner;
    /* Names that no card has yet, in order; they belong to the settings. */
    const char *left[NET_SETTINGS_MAX];
    size_t n_left;
};

/* --- reports --- */

static int
review(struct work *w, const char *file, char *text, struct error *err)
{
    struct net_plan *plan = w->plan;
    struct net_review *more =
        text ? reallocarray(plan->reviews, plan->n_reviews + 1, sizeof *more)
             : NULL;
    char *copy = file ? strdup(file) : NULL;

    if (more)
        plan->reviews = more;
    if (!more || (file && !copy)) {
        free(text);
        free(copy);
        return error_no_memory(err);
    }
    more[plan->n_reviews++] = (struct net_review){copy, text};
    return 0;
}

/* --- cards --- */

static size_t
n_cards(const struct work *w)
{
    return w->guest->n_nics;
}

static bool
has_name(const struct work *w, size_t i)
{
    return w->plan->cards[i].name;
}

static bool
is_taken(const struct work *w, const char *name)
{
    for (size_t i = 0; i < n_cards(w); i++)
        if (has_name(w, i) && str_equal(w->plan->cards[i].name, name))
            return true;
    return false;
}

static int
give(struct work *w, size_t i, const char *name, struct error *err)
{
    w->plan->cards[i].name = strdup(name);
    return w->plan->cards[i].name ? 0 : error_no_memory(err);
}

/* How many cards come before card I when the kernel counts them; *RET_SURE is
 * false if only the order of the source says so. */
static size_t
rank_of(const struct work *w, size_t i, bool *ret_sure)
{
    const struct guest_nic *nics = w->guest->nics;
    size_t rank = 0;

    *ret_sure = true;
    for (size_t k = 0; k < n_cards(w); k++)
        *ret_sure = *ret_sure && nics[k].has_order;
    for (size_t k = 0; k < n_cards(w); k++)
        rank += *ret_sure && nics[k].order != nics[i].order
                    ? nics[k].order < nics[i].order
                    : k < i;
    *ret_sure = *ret_sure || n_cards(w) == 1;
    return rank;
}

/* The number in ethN; -1 for another name. */
static long
eth_number(const char *name)
{
    const char *rest = str_after(name, "eth");
    char *end;
    long n;

    if (!rest || !isdigit((unsigned char)*rest))
        return -1;
    n = strtol(rest, &end, 10);
    return *end || n > 99 ? -1 : n;
}

static bool
is_at(const struct net_setting *item, const struct guest_nic *nic)
{
    return (item->pci && nic->pci && net_matches(item->pci, nic->pci)) ||
           (item->old && nic->names && strv_contains(nic->names, item->old));
}

static bool
is_exact(const struct net_setting *item)
{
    return item->name && !net_is_pattern(item->name);
}

/* --- the steps --- */

/* Files that name cards. */
static int
by_rules(struct work *w, bool by_mac, struct error *err)
{
    for (size_t k = 0; k < w->s->n; k++) {
        const struct net_setting *item = &w->s->items[k];

        if (!item->names || !item->starts)
            continue;
        for (size_t i = 0; i < n_cards(w); i++) {
            const struct guest_nic *nic = &w->guest->nics[i];
            struct net_card *card = &w->plan->cards[i];
            bool fits = by_mac ? item->mac && str_equal(item->mac, nic->mac)
                               : !item->mac && is_at(item, nic);

            if (!fits || card->name || card->is_named)
                continue;
            card->is_named = item->pins;
            if (is_exact(item) && !is_taken(w, item->name) &&
                give(w, i, item->name, err) < 0)
                return -1;
        }
    }
    return 0;
}

/* Settings that have an address and a name. */
static int
by_address(struct work *w, struct error *err)
{
    for (size_t k = 0; k < w->s->n; k++) {
        const struct net_setting *item = &w->s->items[k];

        if (!item->starts || !item->mac || !is_exact(item))
            continue;
        for (size_t i = 0; i < n_cards(w); i++)
            if (!has_name(w, i) &&
                str_equal(item->mac, w->guest->nics[i].mac) &&
                !is_taken(w, item->name) && give(w, i, item->name, err) < 0)
                return -1;
    }
    return 0;
}

/* Names that exactly one card can have had because of its place. */
static int
by_place(struct work *w, bool starts, struct error *err)
{
    for (size_t k = 0; k < w->s->n; k++) {
        const struct net_setting *item = &w->s->items[k];
        size_t n = 0, found = 0;

        if (item->starts != starts || !is_exact(item) ||
            is_taken(w, item->name) ||
            (w->manner == NET_COUNTED && str_after(item->name, "en") &&
                !str_after(item->name, "enX")))
            continue;
        for (size_t i = 0; i < n_cards(w); i++) {
            const struct guest_nic *nic = &w->guest->nics[i];

            if (!has_name(w, i) &&
                ((nic->names && strv_contains(nic->names, item->name)) ||
                    is_at(item, nic))) {
                found = i;
                n++;
            }
        }
        if (n == 1 && give(w, found, item->name, err) < 0)
            return -1;
    }
    return 0;
}

static int
tell_guess(struct work *w, struct error *err)
{
    cleanup_free char *names = NULL;
    size_t size;
    FILE *f = open_memstream(&names, &size);

    if (!f)
        return error_no_memory(err);
    for (size_t i = 0; i < n_cards(w); i++)
        if (has_name(w, i))
            fprintf(
                f, "%s%s", ftell(f) > 0 ? ", " : "", w->plan->cards[i].name);
    if (fclose(f) != 0)
        return error_no_memory(err);
    return review(w, NULL,
        text_printf("the network cards get the names %s in order, which is a "
                    "guess",
            names),
        err);
}

/* ethN is the N-th card. */
static int
by_count(struct work *w, struct error *err)
{
    bool guessed = false;

    for (size_t k = 0; k < w->s->n; k++) {
        const struct net_setting *item = &w->s->items[k];
        long number = is_exact(item) ? eth_number(item->name) : -1;

        if (!item->starts || number < 0 || is_taken(w, item->name))
            continue;
        for (size_t i = 0; i < n_cards(w); i++) {
            bool sure;

            if (has_name(w, i) || rank_of(w, i, &sure) != (size_t)number)
                continue;
            guessed |= !sure;
            if (give(w, i, item->name, err) < 0)
                return -1;
            break;
        }
    }
    return guessed ? tell_guess(w, err) : 0;
}

/* In VMware's order of slots: 192, 224, 256, then 161, 193. */
static unsigned long
sort_key(const char *name)
{
    const char *slot = str_after(name, "ens");
    unsigned long n = slot ? strtoul(slot, NULL, 10) : 0;

    return n >= 160 ? (n & 31) << 16 | n >> 5 : n;
}

static int
by_name(const void *a, const void *b)
{
    const char *x = *(const char *const *)a, *y = *(const char *const *)b;
    unsigned long n = sort_key(x), m = sort_key(y);

    return n != m ? (n < m ? -1 : 1) : strverscmp(x, y);
}

/* The names in use that no card has. */
static void
find_left(struct work *w, bool starts)
{
    w->n_left = 0;
    for (size_t k = 0; k < w->s->n; k++) {
        const struct net_setting *item = &w->s->items[k];
        bool known = item->names || item->starts != starts || !is_exact(item) ||
                     is_taken(w, item->name);

        for (size_t i = 0; !known && i < w->n_left; i++)
            known = str_equal(w->left[i], item->name);
        if (!known)
            w->left[w->n_left++] = item->name;
    }
    if (w->n_left > 0)
        qsort(w->left, w->n_left, sizeof *w->left, by_name);
}

/* As many names as cards. */
static int
by_number(struct work *w, struct error *err)
{
    size_t n = 0, only = 0, given = 0;
    bool has_facts = false;

    for (size_t i = 0; i < n_cards(w); i++) {
        if (has_name(w, i) || w->plan->cards[i].is_named)
            continue;
        has_facts |= w->guest->nics[i].is_place_sure;
        only = i;
        n++;
    }
    if (n == 0 || n != w->n_left || (n > 1 && has_facts))
        return 0;
    if (n == 1 && has_facts &&
        review(w, NULL,
            text_printf("the guest configures %s, so the network card %s gets "
                        "that name, although it was in the place of %s",
                w->left[0], w->guest->nics[only].mac,
                w->guest->nics[only].names[0]),
            err) < 0)
        return -1;
    for (size_t i = 0; i < n_cards(w); i++)
        if (!has_name(w, i) && !w->plan->cards[i].is_named &&
            give(w, i, w->left[given++], err) < 0)
            return -1;
    return n > 1 ? tell_guess(w, err) : 0;
}

/* --- the others --- */

/* What a name is made of: ens, enp, eno, eth, enX. */
static bool
is_alike(const char *a, const char *b)
{
    enum { KIND = 3 };

    return strncmp(a, b, KIND) == 0;
}

/* Does a pattern in use match NAME, and not what a card is called on a new
 * machine anyway? */
static bool
is_wanted(const struct work *w, const char *name)
{
    for (size_t k = 0; k < w->s->n; k++) {
        const struct net_setting *item = &w->s->items[k];

        if (item->starts && !item->names && item->name && !is_exact(item) &&
            net_matches(item->name, name) && !net_matches(item->name, "enp1s0"))
            return true;
    }
    return false;
}

static int
by_manner(struct work *w, size_t i, const char *like, struct error *err)
{
    const struct guest_nic *nic = &w->guest->nics[i];
    char **names = nic->names;
    cleanup_free char *eth = NULL;
    bool sure;

    for (; names && *names; names++)
        if (!is_taken(w, *names) &&
            ((like && is_alike(*names, like)) || is_wanted(w, *names)))
            return give(w, i, *names, err);
    if (!(eth = text_printf("eth%zu", rank_of(w, i, &sure))))
        return error_no_memory(err);
    if (!is_taken(w, eth) && sure &&
        ((like && eth_number(like) >= 0) || is_wanted(w, eth)))
        return give(w, i, eth, err);
    if (!like && w->manner == NET_BY_PLACE && nic->is_place_sure &&
        w->n_left == 0 && !is_wanted(w, eth))
        return give(w, i, nic->names[0], err);
    return 0;
}

static int
name_others(struct work *w, struct error *err)
{
    const char *like = NULL;

    for (size_t i = 0; i < n_cards(w) && !like; i++)
        if (has_name(w, i) && !w->plan->cards[i].is_named)
            like = w->plan->cards[i].name;
    for (size_t i = 0; i < n_cards(w); i++)
        if (!has_name(w, i) && !w->plan->cards[i].is_named &&
            by_manner(w, i, like, err) < 0)
            return -1;
    return 0;
}

/* --- what is left --- */

static bool
has_mac(const struct work *w, const char *mac)
{
    for (size_t i = 0; i < n_cards(w); i++)
        if (str_equal(w->guest->nics[i].mac, mac))
            return true;
    return false;
}

/* Does a card have a name that PATTERN matches, or get one anyway? */
static bool
is_matched(const struct work *w, const char *pattern)
{
    for (size_t i = 0; i < n_cards(w); i++)
        if (has_name(w, i) ? net_matches(pattern, w->plan->cards[i].name)
                           : w->plan->cards[i].is_named)
            return true;
    return net_matches(pattern, "enp1s0");
}

static bool
is_repeated(const struct work *w, size_t k)
{
    const struct net_setting *a = &w->s->items[k], *b = w->s->items;

    for (; b < a; b++)
        if (b->starts && !b->names &&
            ((a->name && b->name && str_equal(a->name, b->name)) ||
                (!a->name && a->mac && b->mac && str_equal(a->mac, b->mac))))
            return true;
    return false;
}

static int
report_left(struct work *w, struct error *err)
{
    for (size_t k = 0; k < w->s->n; k++) {
        const struct net_setting *item = &w->s->items[k];
        const char *name = item->name;
        char *text = NULL;

        if (!item->starts)
            continue;
        /* A file that only names a card that now has that name is not needed.
         */
        if (item->misfit &&
            !(item->names && !item->also && is_exact(item) &&
                is_taken(w, item->name)) &&
            review(w, item->file,
                text_printf("line %u is for %s, which the new machine does "
                            "not have",
                    item->line, item->misfit),
                err) < 0)
            return -1;
        if (item->names || is_repeated(w, k))
            continue;
        if (!item->mac && !name && item->pci)
            text = text_printf("line %u is for the network card in the place "
                               "%s, and cards have other places on the new "
                               "machine",
                item->line, item->pci);
        else if (item->mac && !has_mac(w, item->mac))
            text = text_printf("line %u is for the network card with the "
                               "address %s, which the machine does not have",
                item->line, item->mac);
        else if (!item->mac && name && net_is_pattern(name) &&
                 !is_matched(w, name))
            text = text_printf("line %u is for network cards called %s, and "
                               "none of the machine's %zu is known to be one",
                item->line, name, n_cards(w));
        else if (!item->mac && name && !net_is_pattern(name) &&
                 !is_taken(w, name))
            text = text_printf("line %u configures the network card %s, and "
                               "none of the machine's %zu is known to be it",
                item->line, name, n_cards(w));
        else
            continue;
        if (review(w, item->file, text, err) < 0)
            return -1;
    }
    return 0;
}

int
net_decide(const struct guest *guest, const struct net_settings *s,
    enum net_manner manner, struct net_plan *ret, struct error *err)
{
    cleanup_free struct work *w = calloc(1, sizeof *w);

    if (!w)
        return error_no_memory(err);
    w->guest = guest;
    w->s = s;
    w->plan = ret;
    w->manner = manner;
    if (by_rules(w, true, err) < 0 || by_rules(w, false, err) < 0 ||
        by_address(w, err) < 0 || by_place(w, true, err) < 0 ||
        by_count(w, err) < 0)
        return -1;
    find_left(w, true);
    if (by_number(w, err) < 0)
        return -1;
    find_left(w, true);
    /* What does not start at boot counts only where nothing else does. */
    if (w->n_left == 0 && by_place(w, false, err) < 0)
        return -1;
    if (name_others(w, err) < 0)
        return -1;
    return report_left(w, err);
}

void
net_plan_clear(struct net_plan *plan)
{
    for (size_t i = 0; i < GUEST_NICS_MAX; i++)
        free(plan->cards[i].name);
    for (size_t i = 0; i < plan->n_reviews; i++) {
        free(plan->reviews[i].file);
        free(plan->reviews[i].text);
    }
    free(plan->reviews);
    *plan = (struct net_plan){0};
}
