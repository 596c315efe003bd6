/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "v2v/machine/nics.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "base/strv.h"

enum { MAC_LENGTH = 17 };

static int
replace(char **field, const char *value, struct error *err)
{
    char *copy = strdup(value);

    if (!copy)
        return error_no_memory(err);
    free(*field);
    *field = copy;
    return 0;
}

/* --- networks and bridges --- */

/* The OUT of IN:OUT for NAME; IN itself can have colons.  NULL: none. */
static const char *
find_exact(char *const *wishes, const char *name)
{
    for (; wishes && *wishes; wishes++) {
        const char *rest = str_after(*wishes, name);

        if (rest && *rest == ':')
            return rest + 1;
    }
    return NULL;
}

/* The last OUT alone. */
static const char *
find_other(char *const *wishes)
{
    const char *other = NULL;

    for (; wishes && *wishes; wishes++)
        if (!strchr(*wishes, ':'))
            other = *wishes;
    return other;
}

int
nics_check_last(char *const *list, struct error *err)
{
    size_t n = strv_length(list);
    const char *last = list[n - 1], *colon = strrchr(last, ':');
    size_t in = colon ? (size_t)(colon - last) : 0;

    for (size_t i = 0; i + 1 < n; i++) {
        const char *other = strrchr(list[i], ':');

        if (!other && !colon)
            return error_set(
                err, EEXIST, "two for all cards: '%s', '%s'", list[i], last);
        if (other && colon && (size_t)(other - list[i]) == in &&
            strncmp(list[i], last, in) == 0)
            return error_set(err, EEXIST, "two for the same cards: '%s', '%s'",
                list[i], last);
    }
    return 0;
}

static int
map(const struct nic_wishes *w, struct guest_nic *nic, struct error *err)
{
    const char *name = nic->network ? nic->network : "default";
    bool either = nic->is_network_foreign;
    char *const *first = nic->is_bridge ? w->bridges : w->networks;
    const char *to = find_exact(first, name);

    /* virt-v2v calls the networks of some sources bridges. */
    if (!to && either && (to = find_exact(w->bridges, name)))
        nic->is_bridge = true;
    if (!to)
        to = find_other(first);
    if (!to && either && (to = find_other(w->bridges)))
        nic->is_bridge = true;
    if (!to)
        return 0;
    nic->is_network_foreign = false;
    return replace(&nic->network, to, err);
}

/* Cards on different networks of the old hypervisor are on one now: say so,
 * once for each. */
static int
leave_networks(struct guest *guest, struct error *err)
{
    for (size_t i = 0; i < guest->n_nics; i++) {
        struct guest_nic *nic = &guest->nics[i];

        if (!nic->is_network_foreign)
            continue;
        cleanup_free char *name = steal_pointer(&nic->network);
        nic->is_network_foreign = false;
        if (guest_note(guest, err,
                "the network '%s' is one of the old hypervisor: its cards are "
                "on the default one; give another with --network '%s:OUT'",
                name, name) < 0)
            return -1;
        for (size_t k = i + 1; k < guest->n_nics; k++) {
            struct guest_nic *other = &guest->nics[k];

            if (!other->is_network_foreign || !str_equal(other->network, name))
                continue;
            free(steal_pointer(&other->network));
            other->is_network_foreign = false;
        }
    }
    return 0;
}

/* --- addresses --- */

static bool
is_address(const char *text)
{
    struct in6_addr ignored;

    return inet_pton(AF_INET, text, &ignored) == 1 ||
           inet_pton(AF_INET6, text, &ignored) == 1;
}

static bool
is_version_6(const char *address)
{
    return strchr(address, ':');
}

static int
set_prefix(struct guest_nic *nic, const char *text)
{
    unsigned most = is_version_6(nic->address) ? 128 : 32;
    char *end;
    unsigned long n = strtoul(text, &end, 10);

    if (text[0] < '0' || text[0] > '9' || *end || n == 0 || n > most)
        return -1;
    nic->prefix = (unsigned)n;
    return 0;
}

/* ADDRESS[,GATEWAY[,LENGTH[,SERVER...]]]; an empty part counts as not given. */
static int
set_address(struct guest_nic *nic, const char *text, struct error *err)
{
    cleanup_free char *copy = strdup(text);
    char *rest = copy, *word;
    int r = 0;

    if (!copy)
        return error_no_memory(err);
    for (size_t i = 0; r == 0 && (word = strsep(&rest, ",")); i++) {
        if (i != 2 && (word[0] || i == 0) &&
            (!is_address(word) ||
                (i == 1 && is_version_6(word) != is_version_6(nic->address))))
            return error_set(err, EINVAL, "invalid address '%s'", word);
        if (!word[0])
            continue;
        if (i == 2 && set_prefix(nic, word) < 0)
            return error_set(err, EINVAL, "invalid prefix length '%s'", word);
        if (i == 0)
            r = replace(&nic->address, word, err);
        else if (i == 1)
            r = replace(&nic->gateway, word, err);
        else if (i > 2)
            r = strv_append(&nic->name_servers, word) < 0 ? error_no_memory(err)
                                                          : 0;
    }
    if (r == 0 && !nic->prefix)
        nic->prefix = is_version_6(nic->address) ? 64 : 24;
    return r;
}

/* --- one card --- */

static struct guest_nic *
find_nic(struct guest *guest, const char *mac)
{
    for (size_t i = 0; i < guest->n_nics; i++)
        if (strncasecmp(guest->nics[i].mac, mac, MAC_LENGTH) == 0)
            return &guest->nics[i];
    return NULL;
}

static int
apply_mac(struct guest *guest, const char *wish, struct error *err)
{
    const char *what = strlen(wish) > MAC_LENGTH && wish[MAC_LENGTH] == ':'
                           ? wish + MAC_LENGTH + 1
                           : "";
    const char *network = str_after(what, "network:");
    const char *bridge = str_after(what, "bridge:");
    const char *address = str_after(what, "ip:");

    if (!network && !bridge && !address)
        return error_set(err, EINVAL,
            "it must be MAC:network:OUT, MAC:bridge:OUT or "
            "MAC:ip:ADDRESS,GATEWAY,LENGTH,SERVER...");

    struct guest_nic *nic = find_nic(guest, wish);
    if (!nic)
        return error_set(
            err, ENODEV, "the guest has no network card with that address");
    if (address)
        return set_address(nic, address, err);
    nic->is_bridge = bridge;
    nic->is_network_foreign = false;
    return replace(&nic->network, network ? network : bridge, err);
}

int
nics_apply(const struct nic_wishes *w, struct guest *guest, struct error *err)
{
    for (size_t i = 0; i < guest->n_nics; i++)
        if (map(w, &guest->nics[i], err) < 0)
            return -1;
    for (char **mac = w->macs; mac && *mac; mac++)
        if (apply_mac(guest, *mac, err) < 0)
            return error_context(err, "--mac %s", *mac);
    return leave_networks(guest, err);
}

void
nic_wishes_clear(struct nic_wishes *wishes)
{
    strv_free(wishes->networks);
    strv_free(wishes->bridges);
    strv_free(wishes->macs);
    *wishes = (struct nic_wishes){0};
}
