/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sysprep/: which operations are chosen, and the edits of texts. */
#include <config.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "sysprep/accounts_text.h"
#include "sysprep/mac.h"
#include "sysprep/operations.h"
#include "sysprep/where.h"
#include "tests/unit/test.h"

/* Names and defaults that scripts know: those of virt-sysprep 1.48. */
static const char *const theirs[] = {"abrt-data*", "backup-files*",
    "bash-history*", "blkid-tab*", "ca-certificates", "crash-data*",
    "cron-spool*", "customize*", "dhcp-client-state*", "dhcp-server-state*",
    "dovecot-data*", "firewall-rules", "flag-reconfiguration", "fs-uuids",
    "ipa-client*", "kerberos-data", "kerberos-hostkeytab*", "logfiles*",
    "lvm-uuids*", "machine-id*", "mail-spool*", "net-hostname*", "net-hwaddr*",
    "net-nmconn*", "pacct-log*", "package-manager-cache*", "pam-data*",
    "passwd-backups*", "puppet-data-log*", "rh-subscription-manager*",
    "rhn-systemid*", "rpm-db*", "samba-db-log*", "script*", "smolt-uuid*",
    "ssh-hostkeys*", "ssh-userdir*", "sssd-db-log*", "tmp-files*",
    "udev-persistent-net*", "user-account", "utmp*", "yum-uuid*"};

TEST(names)
{
    const struct sysprep_settings usual = {0};
    size_t found = 0;

    CHECK(n_sysprep_operations <= MAX_OPERATIONS);
    for (size_t i = 0; i < n_sysprep_operations; i++) {
        const char *name = sysprep_operations[i].name;

        CHECK(i == 0 || strcmp(sysprep_operations[i - 1].name, name) < 0);
        for (size_t k = 0; k < N_ELEMENTS(theirs); k++) {
            const char *rest = str_after(theirs[k], name);

            if (!rest || (*rest && *rest != '*'))
                continue;
            found++;
            CHECK(selection_has(&usual, name) == (*rest == '*'));
        }
    }
    CHECK(found == 43 && N_ELEMENTS(theirs) == 43);
}

/* A pattern that matches "/" or a folder of its own would remove the guest. */
TEST(patterns)
{
    for (size_t i = 0; i < n_sysprep_operations; i++)
        for (const char *const *p = sysprep_operations[i].patterns; p && *p;
             p++) {
            const char *second = strchr(*p + 1, '/');

            CHECK((*p)[0] == '/' && second && second[1]);
            CHECK(!strstr(*p, "//") && !strstr(*p, "{,") && !strstr(*p, ",}"));
        }
}

TEST(selection)
{
    struct sysprep_settings s = {0};
    struct error err = {0};

    CHECK(
        selection_change(&s, "firewall-rules,defaults,-tmp-files", &err) == 0);
    CHECK(selection_has(&s, "firewall-rules") && selection_has(&s, "utmp"));
    CHECK(!selection_has(&s, "tmp-files") && !selection_has(&s, "fs-uuids"));
    CHECK(selection_change(&s, "-all,utmp", &err) == 0);
    CHECK(selection_has(&s, "utmp") && !selection_has(&s, "script"));
    CHECK(selection_change(&s, "no-such", &err) < 0);
    error_clear(&err);
    CHECK(selection_change(&s, "utmp,", &err) < 0);
    error_clear(&err);
    CHECK(selection_enable(&s, "utmp", &err) < 0);
    error_clear(&err);

    s = (struct sysprep_settings){0};
    CHECK(selection_enable(&s, "utmp,script", &err) == 0);
    CHECK(selection_has(&s, "script") && !selection_has(&s, "logfiles"));
    CHECK(selection_enable(&s, "utmp", &err) < 0);
    error_clear(&err);
    CHECK(selection_change(&s, "all", &err) < 0);
    error_clear(&err);
}

static void
check_netplan(const char *text, const char *want, size_t want_bound)
{
    size_t bound;
    cleanup_free char *got = netplan_without_mac(text, &bound);

    CHECK_STR(got, want);
    CHECK(bound == want_bound);
}

TEST(netplan)
{
    check_netplan("ethernets:\n  eth0:\n    match:\n      macaddress: "
                  "'52:54:00:12:34:56'\n    set-name: eth0\n",
        "ethernets:\n  eth0:\n    match:\n      name: \"e*\"\n"
        "    set-name: eth0\n",
        1);
    check_netplan(
        "  a:\n    match: {macaddress: 52:54:00:12:34:56, driver: y}\n",
        "  a:\n    match: {driver: y}\n", 0);
    /* An address that is set, not looked for. */
    check_netplan("  a:\n    match:\n      name: x\n"
                  "    macaddress: 52:54:00:12:34:56\n    dhcp4: true\n",
        "  a:\n    match:\n      name: x\n    dhcp4: true\n", 0);
    check_netplan("  a:\n    match: # by address\n"
                  "      \"macaddress\": 52:54:00:12:34:56 # of the card\n"
                  "    dhcp4: true # macaddress: 52:54:00:12:34:56\n",
        "  a:\n    match: # by address\n      name: \"e*\" # of the card\n"
        "    dhcp4: true # macaddress: 52:54:00:12:34:56\n",
        1);
    check_netplan("  a:\n    match:\n\n      driver: virtio\n"
                  "      macaddress: 52:54:00:12:34:56\n",
        "  a:\n    match:\n\n      driver: virtio\n", 0);
    check_netplan("  a: {match: {name: x, macaddress: 52:54:00:12:34:56}}",
        "  a: {match: {name: x}}", 0);
    check_netplan("  a: {match: {\"macaddress\": '52:54:00:12:34:56'}, mtu: 9}",
        "  a: {match: {name: \"e*\"}, mtu: 9}", 1);
    check_netplan(
        "  a: {macaddress: 52:54:00:12:34:56, mtu: 9}", "  a: {mtu: 9}", 0);
    check_netplan("# macaddress: 52:54:00:12:34:56\nmacaddress: random",
        "# macaddress: 52:54:00:12:34:56\nmacaddress: random", 0);
}

TEST(other_addresses)
{
    static const char *const names[] = {"HWADDR", NULL};
    size_t bound;
    cleanup_free char *ifcfg = text_without_assignments(
        "DEVICE=eth0\nHWADDR=x\n HWADDR=\"y\"\nHWADDRESS=z", names);
    cleanup_free char *keyfile =
        keyfile_without_mac("[ethernet]\nmac-address=52:54:00:12:34:56\n"
                            "cloned-mac-address=stable\n[ipv4]\nmethod=auto\n",
            &bound);
    cleanup_free char *networkd =
        networkd_without_mac("[Match]\nMACAddress=52:54:00:12:34:56\n[Link]\n"
                             "MACAddress=52:54:00:12:34:57\nMTUBytes=9000\n",
            &bound);

    CHECK_STR(ifcfg, "DEVICE=eth0\nHWADDRESS=z");
    CHECK_STR(keyfile, "[ethernet]\ncloned-mac-address=stable\n[ipv4]\n"
                       "method=auto\n");
    CHECK_STR(networkd, "[Match]\nName=e*\n[Link]\nMTUBytes=9000\n");
    CHECK(bound == 1);
}

static void
check_networkd(const char *text, const char *want, size_t want_bound)
{
    size_t bound;
    cleanup_free char *got = networkd_without_mac(text, &bound);

    CHECK_STR(got, want);
    CHECK(bound == want_bound);
}

TEST(networkd)
{
    check_networkd("[NetDev]\nKind=bond\nMACAddress=5254.0012.3456\n[Peer]\n"
                   "MACAddress = 52-54-00-12-34-57\n",
        "[NetDev]\nKind=bond\n[Peer]\n", 0);
    check_networkd("[Match]\nPermanentMACAddress=52:54:00:12:34:56\n"
                   "MACAddress=52:54:00:12:34:57\n",
        "[Match]\nName=e*\n", 1);
    check_networkd("[Match]\nMACAddress=52:54:00:12:34:56\nName=ens3\n"
                   "[DHCPServerStaticLease]\nMACAddress=52:54:00:12:34:57\n",
        "[Match]\nName=ens3\n[DHCPServerStaticLease]\n"
        "MACAddress=52:54:00:12:34:57\n",
        0);
    cleanup_free char *ifupdown = ifupdown_without_mac(
        "iface a inet dhcp\n\thwaddress ether 52:54:00:12:34:56\n"
        "\thwaddress random\n");
    CHECK_STR(ifupdown, "iface a inet dhcp\n\thwaddress random\n");
    CHECK(text_names_own_mac("a\nb: [macaddress: 52:54:00:12:34:56]") == 2);
    CHECK(text_names_own_mac("# mac: 52:54:00:12:34:56\nmac: x\n") == 0);
}

TEST(places)
{
    CHECK(where_is_usual("/var/run/console", "/run/console"));
    CHECK(where_is_usual("/home/ann", "/var/home/ann"));
    CHECK(!where_is_usual("/var/run", "/"));
    CHECK(!where_is_usual("/var/runx", "/runx"));
    CHECK(!where_is_usual("/var/log/audit", "/"));
    CHECK(!where_is_usual("/tmp", "/srv/tmp"));
}

TEST(accounts)
{
    char bob[] = "bob", *names[] = {bob, NULL};
    struct passwd_line p;
    cleanup_free char *passwd = text_without_names(
        "root:x:0:0::/root:/bin/sh\nbob:x:1:1::/b:/b\nbobby:x:2", names);
    cleanup_free char *group = group_without_names(
        "bob:x:1:\nsudo:x:27:ann,bob,bobby\nadm:x:4:bob\nx:!:bob,a:bob\n",
        names);

    CHECK_STR(passwd, "root:x:0:0::/root:/bin/sh\nbobby:x:2");
    CHECK_STR(group, "sudo:x:27:ann,bobby\nadm:x:4:\nx:!:a:\n");
    CHECK(passwd_line_read("a:x:1000:5:G E:/home/a:/bin/sh\nb", &p));
    CHECK(p.uid == 1000);
    CHECK_STR(p.home, "/home/a");
    passwd_line_clear(&p);
    CHECK(!passwd_line_read("a:x:y:5::/:", &p) && !passwd_line_read("", &p));
    CHECK(login_defs_number("#UID_MIN 5\nUID_MIN\t\t 500\n", "UID_MIN", 1) ==
          500);
    CHECK(login_defs_number("", "UID_MIN", 1000) == 1000);
}
