/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Theory of operation: Windows ties a static address to the old card, and the
 * new card starts without one.  Since Windows 10 the registry has the MAC
 * address of each interface (NetworkSetup2), so the card here that has it gets
 * the address.  Otherwise a static address is used if it is the only one and
 * the machine has one card; else --mac has to give it. netsh sets the address
 * when Windows runs again, once a card with that MAC address has come up. */
#include <config.h>

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "v2v/convert/windows/windows.h"

static const char why[] = "Windows ties it to the old card";

/* --- what Windows had --- */

/* The first of several texts in UTF-16, if it is ASCII; else NULL without an
 * error. */
static char *
first_text(struct hive *r, const char *key, const char *name, struct error *err)
{
    size_t size, n = 0;
    cleanup_free uint8_t *data = hive_get(r, key, name, &size, err);
    char *text = data ? calloc(1, size / 2 + 1) : NULL;

    if (!data)
        return NULL;
    if (!text)
        return error_no_memory(err), NULL;
    while (2 * n + 1 < size && data[2 * n] && !data[2 * n + 1]) {
        text[n] = (char)data[2 * n];
        n++;
    }
    text[n] = 0;
    if (n == 0)
        free(steal_pointer(&text));
    return text;
}

static unsigned
prefix_of(const char *mask)
{
    struct in_addr address;

    return mask && inet_pton(AF_INET, mask, &address) == 1
               ? (unsigned)__builtin_popcount(address.s_addr)
               : 0;
}

static bool
is_version_4(const char *text)
{
    struct in_addr address;

    return text && inet_pton(AF_INET, text, &address) == 1 &&
           address.s_addr != 0;
}

/* Parse "192.0.2.1,192.0.2.2", or with blanks between. */
static int
take_servers(struct guest_nic *nic, char *list, struct error *err)
{
    char *word;

    while ((word = strsep(&list, ", ")))
        if (is_version_4(word) && strv_append(&nic->name_servers, word) < 0)
            return error_no_memory(err);
    return 0;
}

static struct guest_nic *
add_found(struct windows *w, struct error *err)
{
    struct guest_nic *more =
        reallocarray(w->found, w->n_found + 1, sizeof *more);

    if (!more)
        return error_no_memory(err), NULL;
    w->found = more;
    more[w->n_found] = (struct guest_nic){0};
    return &more[w->n_found++];
}

/* The MAC address that the interface NAME had; NULL without an error if it is
 * not known. */
static char *
read_mac(
    struct windows *w, struct hive *system, const char *name, struct error *err)
{
    static const char *const values[] = {"PermanentAddress", "CurrentAddress"};
    cleanup_free char *key = text_printf(
        "%s\\Control\\NetworkSetup2\\Interfaces\\%s\\Kernel", w->current, name);

    if (!key)
        return error_no_memory(err), NULL;
    for (size_t i = 0; i < N_ELEMENTS(values); i++) {
        size_t size;
        cleanup_free uint8_t *b = hive_get(system, key, values[i], &size, err);
        char *mac;

        if (!b && err->code)
            return NULL;
        if (!b || size != 6)
            continue;
        mac = text_printf("%02x:%02x:%02x:%02x:%02x:%02x", b[0], b[1], b[2],
            b[3], b[4], b[5]);
        if (!mac)
            error_no_memory(err);
        return mac;
    }
    return NULL;
}

/* The second of several texts in UTF-16 is there. */
static int
has_more(struct hive *r, const char *key, const char *name, bool *ret,
    struct error *err)
{
    size_t size, n = 0;
    cleanup_free uint8_t *data = hive_get(r, key, name, &size, err);

    *ret = false;
    if (!data)
        return err->code ? -1 : 0;
    while (n + 1 < size && (data[n] || data[n + 1]))
        n += 2;
    *ret = n + 4 < size && (data[n + 2] || data[n + 3]);
    return 0;
}

/* Read the interface NAME; if it has a static address, add it. */
static int
read_interface(struct windows *w, struct hive *system, const char *top,
    const char *name, struct error *err)
{
    cleanup_free char *key = text_printf("%s\\%s", top, name);
    uint32_t dhcp;
    bool more;

    if (!key)
        return error_no_memory(err);
    if (hive_number(system, key, "EnableDHCP", 1, &dhcp, err) < 0)
        return -1;
    if (dhcp)
        return 0;

    cleanup_free char *address = first_text(system, key, "IPAddress", err);
    cleanup_free char *mask = first_text(system, key, "SubnetMask", err);
    cleanup_free char *gateway = first_text(system, key, "DefaultGateway", err);
    cleanup_free char *servers = first_text(system, key, "NameServer", err);
    unsigned prefix = prefix_of(mask);
    if (err->code || has_more(system, key, "IPAddress", &more, err) < 0)
        return -1;
    if (!is_version_4(address) || !prefix)
        return 0;
    if (more &&
        conversion_tell(w->c, FINDING_REVIEW, NULL, err,
            "a network card has more addresses than %s; add them in Windows",
            address) < 0)
        return -1;

    struct guest_nic *nic = add_found(w, err);
    if (!nic)
        return -1;
    nic->mac = read_mac(w, system, name, err);
    nic->address = steal_pointer(&address);
    nic->prefix = prefix;
    if (is_version_4(gateway))
        nic->gateway = steal_pointer(&gateway);
    return err->code ? -1 : take_servers(nic, servers, err);
}

static int
read_interfaces(struct windows *w, struct hive *system, struct error *err)
{
    cleanup_free char *top =
        text_printf("%s\\Services\\Tcpip\\Parameters\\Interfaces", w->current);
    cleanup_strv char **names = NULL;

    if (!top)
        return error_no_memory(err);
    if (hive_keys(system, top, &names, err) < 0)
        return -1;
    for (char **name = names; name && *name; name++)
        if (read_interface(w, system, top, *name, err) < 0)
            return -1;
    return 0;
}

static bool
is_here(const struct guest *guest, const char *mac)
{
    for (size_t i = 0; mac && i < guest->n_nics; i++)
        if (str_equal(guest->nics[i].mac, mac))
            return true;
    return false;
}

/* Drop the addresses that belong to no card of this machine, and report
 * them. */
static int
match_cards(struct windows *w, struct error *err)
{
    const struct guest *guest = w->c->guest;
    size_t n = w->n_found, unmatched = 0, kept = 0;
    cleanup_free char *first = NULL;

    if (n == 1 && guest->n_nics == 1) {
        free(w->found[0].mac);
        w->found[0].mac = strdup(guest->nics[0].mac);
        return w->found[0].mac ? 0 : error_no_memory(err);
    }
    for (size_t i = 0; i < n; i++) {
        if (is_here(guest, w->found[i].mac)) {
            w->found[kept++] = w->found[i];
            continue;
        }
        if (unmatched++ == 0)
            first = steal_pointer(&w->found[i].address);
        nic_clear(&w->found[i]);
    }
    w->n_found = kept;
    if (unmatched == 0)
        return 0;
    return conversion_tell(w->c, FINDING_REVIEW, NULL, err,
        "%zu of its network cards ha%s a static address, %s%s, and nothing "
        "says which of the %zu here; give it with --mac MAC:ip:...",
        unmatched, unmatched > 1 ? "ve" : "s", first ? first : "",
        unmatched > 1 ? " and others" : "", guest->n_nics);
}

int
windows_find_addresses(
    struct windows *w, struct hive *system, struct error *err)
{
    const struct guest *guest = w->c->guest;

    for (size_t i = 0; i < guest->n_nics; i++)
        if (guest->nics[i].address)
            return 0;
    return read_interfaces(w, system, err) < 0 ? -1 : match_cards(w, err);
}

/* --- the script --- */

static void
put_version_4(FILE *f, const struct guest_nic *nic)
{
    struct in_addr mask = {.s_addr = htonl(UINT32_MAX << (32 - nic->prefix))};
    char text[INET_ADDRSTRLEN];

    inet_ntop(AF_INET, &mask, text, sizeof text);
    fprintf(f,
        "    netsh interface ipv4 set address name=$card source=static "
        "address=%s mask=%s",
        nic->address, text);
    if (nic->gateway)
        fprintf(f, " gateway=%s", nic->gateway);
    fputs("\r\n", f);
}

static void
put_version_6(FILE *f, const struct guest_nic *nic)
{
    fprintf(f,
        "    netsh interface ipv6 add address interface=$card "
        "address=%s/%u\r\n",
        nic->address, nic->prefix);
    if (nic->gateway)
        fprintf(f,
            "    netsh interface ipv6 add route prefix=::/0 interface=$card "
            "nexthop=%s\r\n",
            nic->gateway);
}

static void
put_card(FILE *f, const struct guest_nic *nic)
{
    fputs("$card = Wait-Card '", f);
    for (const char *p = nic->mac; *p; p++)
        putc(toupper((unsigned char)*p), f);
    fputs("'\r\nif ($card) {\r\n", f);
    if (strchr(nic->address, ':'))
        put_version_6(f, nic);
    else
        put_version_4(f, nic);
    for (char **s = nic->name_servers; s && *s; s++)
        fprintf(f,
            "    netsh interface %s add dnsservers name=$card address=%s "
            "validate=no\r\n",
            strchr(*s, ':') ? "ipv6" : "ipv4", *s);
    fputs("}\r\n", f);
}

/* Every value in it has been parsed as an address before. */
int
windows_put_addresses(struct windows *w, struct error *err)
{
    const struct guest *guest = w->c->guest;
    cleanup_free char *text = NULL;
    size_t size, n = 0;
    FILE *f = open_memstream(&text, &size);

    if (!f)
        return error_no_memory(err);
    fputs("# Made by mayfly-v2v; it runs once.\r\n"
          "function Wait-Card($mac) {\r\n"
          "    for ($i = 0; $i -lt 100; $i++) {\r\n"
          "        $card = Get-WmiObject Win32_NetworkAdapter "
          "-Filter \"MACAddress='$mac' AND PhysicalAdapter=TRUE\"\r\n"
          "        if ($card) { return @($card)[0].InterfaceIndex }\r\n"
          "        Start-Sleep -Seconds 2\r\n"
          "    }\r\n"
          "    Write-Output \"no network card $mac came up\" | Out-Host\r\n"
          "}\r\n",
        f);
    for (size_t i = 0; i < guest->n_nics; i++)
        if (guest->nics[i].address) {
            put_card(f, &guest->nics[i]);
            n++;
        }
    for (size_t i = 0; i < w->n_found; i++)
        put_card(f, &w->found[i]);
    if (fclose(f) != 0)
        return error_no_memory(err);
    if (n == 0 && w->n_found == 0)
        return 0;
    w->has_addresses = true;
    return windows_put(w, "/Program Files/Mayfly/addresses.ps1", text, size,
        "a script that gives network cards their static addresses", why, err);
}
