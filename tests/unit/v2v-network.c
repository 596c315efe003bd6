/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the guest's files say about its network cards, and which name a card
 * gets. */
#include <config.h>

#include "v2v/convert/linux/net/decide.h"
#include "v2v/machine/nic_place.h"

#include "tests/unit/test.h"

#include "base/cleanup.h"
#include "base/strv.h"

/* --- helpers --- */

/* The settings as one text: "name", "(name)" if it does not start at boot,
 * "name=mac", "name!" if the file names the card and "name!!" if it does so on
 * any machine. */
static char *
listed(struct net_settings *s)
{
    char *text = strdup("");

    net_settle(s);
    for (size_t i = 0; i < s->n; i++) {
        const struct net_setting *item = &s->items[i];
        char *more = text_printf("%s%s%s%s%s%s%s%s%s", text, text[0] ? " " : "",
            item->starts ? "" : "(", item->name ? item->name : "",
            item->mac ? "=" : "", item->mac ? item->mac : "",
            item->names ? "!" : "", item->pins ? "!" : "",
            item->starts ? "" : ")");

        free(text);
        text = more;
    }
    return text;
}

static void
check_list(struct net_settings *s, const char *want)
{
    cleanup_free char *got = listed(s);

    CHECK_STR(got, want);
    net_settings_clear(s);
}

static void
ifupdown(const char *text, const char *want, const char *want_more)
{
    cleanup_error struct error err = {0};
    cleanup_strv char **more = NULL;
    struct net_settings s = {0};

    CHECK(net_read_ifupdown(&s, "/etc/network/interfaces", text, &more, &err) ==
          0);
    CHECK_STR(more ? more[0] : "", want_more);
    check_list(&s, want);
}

static void
ifcfg(const char *file, const char *text, bool is_suse, const char *want)
{
    cleanup_error struct error err = {0};
    struct net_settings s = {0};

    CHECK(net_read_ifcfg(&s, file, text, is_suse, &err) == 0);
    /* Something else starts at boot. */
    CHECK(net_add(&s,
              &(struct net_setting){.name = "x", .file = "f", .starts = true},
              &err) == 0);
    check_list(&s, want);
}

static void
keyfile(const char *text, const char *want)
{
    cleanup_error struct error err = {0};
    struct net_settings s = {0};

    CHECK(net_read_keyfile(&s, "/k.nmconnection", text, &err) == 0);
    check_list(&s, want);
}

static void
networkd(const char *file, const char *text, const char *want)
{
    cleanup_error struct error err = {0};
    struct net_settings s = {0};

    CHECK(net_read_networkd(&s, file, text, NULL, &err) == 0);
    check_list(&s, want);
}

static void
udev(const char *text, const char *want)
{
    cleanup_error struct error err = {0};
    struct net_settings s = {0};

    CHECK(net_read_udev(&s, "/r.rules", text, &err) == 0);
    check_list(&s, want);
}

static void
netplan(const char *first, const char *second, const char *want)
{
    cleanup_error struct error err = {0};
    struct net_settings s = {0};
    struct netplan *p = netplan_new(false, &err);

    CHECK(p && netplan_read(p, &s, "/a.yaml", first, &err) == 0);
    CHECK(netplan_read(p, &s, "/b.yaml", second, &err) == 0);
    CHECK(netplan_finish(p, &s, &err) == 0);
    netplan_free(p);
    check_list(&s, want);
}

/* --- readers --- */

TEST(ifupdown_files)
{
    ifupdown("# eth0 was here\nauto lo\niface lo inet loopback\n"
             "allow-hotplug ens192\niface ens192 inet static\n"
             "  address 192.0.2.1\n  # auto eth1\niface eth1 inet dhcp\n",
        "ens192 (eth1)", "");
    ifupdown("auto bond0 br0\niface bond0 inet manual\n"
             "  bond-slaves ens1f0 \\\n ens1f1\niface br0 inet dhcp\n"
             "\tbridge_ports bond0.7\n",
        "ens1f0 ens1f1", "");
    ifupdown("auto vlan5\niface vlan5 inet dhcp\n vlan-raw-device ens7\n",
        "ens7", "");
    ifupdown("auto ens3.20\niface ens3.20 inet dhcp\n", "ens3", "");
    ifupdown("auto eth0=home\niface home inet dhcp\n", "eth0 (home)", "");
    ifupdown("auto /ens*\n iface ens5 inet dhcp\n", "ens5", "");
    ifupdown("auto eth0:1\niface eth0:1 inet dhcp\niface eth0 inet6 auto\n",
        "eth0 eth0", "");
    ifupdown(
        "source interfaces.d/*.cfg\n", "", "f/etc/network/interfaces.d/*.cfg");
    ifupdown("source-directory /x\n", "", "d/x");
    /* Nothing starts by itself: something else does it. */
    ifupdown("iface ens3 inet dhcp", "ens3", "");
}

TEST(ifcfg_files)
{
    ifcfg("/n/ifcfg-eth0", "DEVICE=eth0\nONBOOT=no\n", false, "(eth0) x");
    ifcfg("/n/ifcfg-eth0", "BOOTPROTO=dhcp # DEVICE=eth1\n", false, "eth0 x");
    ifcfg("/n/ifcfg-eth0.bak", "DEVICE=eth0\n", false, "(eth0) x");
    ifcfg("/n/ifcfg-lan", "HWADDR=\"00:50:56:AA:BB:CC\"\nDEVICE='ens4'", false,
        "ens4=00:50:56:aa:bb:cc x");
    ifcfg("/n/ifcfg-lan", "HWADDR=00:50:56:AA:BB:CC\n", false,
        "=00:50:56:aa:bb:cc x");
    ifcfg("/n/ifcfg-bond0", "DEVICE=bond0\nTYPE=Bond\n", false, "x");
    ifcfg("/n/ifcfg-v", "DEVICE=v9\nVLAN=yes\nPHYSDEV=ens9\n", false, "ens9 x");
    ifcfg("/n/ifcfg-ens9.5", "DEVICE=ens9.5\nVLAN=yes\n", false, "ens9 x");
    ifcfg("/n/ifcfg-e", "DEVICE=em1\nTYPE=Ethernet\nBRIDGE=br0\nNAME=eth7\n",
        false, "em1 x");
    ifcfg("/s/ifcfg-eth0", "STARTMODE='auto'\n", true, "eth0 x");
    ifcfg("/s/ifcfg-eth1", "STARTMODE='off'\n", true, "(eth1) x");
    ifcfg("/s/ifcfg-eth-id-00:16:3e:00:00:01", "STARTMODE=auto\n", true,
        "=00:16:3e:00:00:01 x");
    ifcfg("/s/ifcfg-br0",
        "STARTMODE=auto\nBRIDGE=yes\nBRIDGE_PORTS='eth0 eth1'\n", true,
        "eth0 eth1 x");
    ifcfg(
        "/s/ifcfg-vlan3", "STARTMODE=auto\nETHERDEVICE=eth2\n", true, "eth2 x");
}

TEST(netctl_profiles)
{
    cleanup_error struct error err = {0};
    struct net_settings s = {0};

    CHECK(net_read_netctl(&s, "/etc/netctl/a",
              "Interface=ens33\nConnection=ethernet\n", true, &err) == 0);
    CHECK(net_read_netctl(&s, "/etc/netctl/b",
              "Interface=br0\nConnection=bridge\n"
              "BindsToInterfaces=(ens34\n  'ens35')\n",
              false, &err) == 0);
    check_list(&s, "ens33 (ens34) (ens35)");
    CHECK(net_read_netifrc(&s, "/etc/conf.d/net",
              "config_eth0=\"dhcp\"\nslaves_bond0=\"eth1 eth2\"\n"
              "config_bond0=\"null\"\n",
              &err) == 0);
    check_list(&s, "eth0 eth1 eth2");
}

TEST(keyfiles)
{
    keyfile("[connection]\nid=a\ntype=ethernet\ninterface-name=ens192\n"
            "#interface-name=eth0\n",
        "ens192");
    keyfile("[connection]\ntype=802-3-ethernet\n[802-3-ethernet]\n"
            "mac-address=0;80;86;170;187;204;\n",
        "=00:50:56:aa:bb:cc");
    keyfile("[connection]\ntype=vlan\ninterface-name=v3\n[vlan]\nparent=ens4\n",
        "ens4");
    keyfile("[connection]\ntype=bond\ninterface-name=bond0\n", "");
    keyfile("[connection]\ntype=ethernet\n[match]\ninterface-name=!x;ens*;\n",
        "ens*");
    keyfile("[connection]\ntype=wifi\ninterface-name=wlan0\n", "");
}

TEST(networkd_files)
{
    networkd("/a.network", "[Match]\nName=ens192 !ens7\n[Network]\nDHCP=yes\n",
        "ens192");
    networkd("/a.network", "[Match]\nMACAddress=00-50-56-AA-BB-CC\n",
        "=00:50:56:aa:bb:cc");
    networkd("/a.network", "[Match]\nType=wlan\nName=x0\n", "");
    networkd("/a.link", "[Match]\nMACAddress=0050.56aa.bbcc\n[Link]\nName=l0\n",
        "l0=00:50:56:aa:bb:cc!!");
    networkd("/a.link",
        "[Match]\nMACAddress=00:50:56:aa:bb:cc\n[Link]\nName=l0\n"
        "NamePolicy=slot\n",
        "l0=00:50:56:aa:bb:cc!");
    networkd(
        "/a.link", "[Match]\nPath=pci-0000:0b:00.0\n[Link]\nName=l0\n", "l0!");
    networkd("/a.netdev", "[NetDev]\nName=bond0\nKind=bond\n", "");
}

TEST(udev_rules)
{
    udev("# PCI device\nSUBSYSTEM==\"net\", ACTION==\"add\", DRIVERS==\"?*\", "
         "ATTR{address}==\"00:50:56:aa:bb:cc\", ATTR{type}==\"1\", "
         "KERNEL==\"eth*\", NAME=\"eth0\"\n",
        "eth0=00:50:56:aa:bb:cc!!");
    udev("SUBSYSTEM==\"net\", DRIVERS==\"vmxnet3\", \\\n"
         "ATTR{address}==\"00:50:56:aa:bb:cc\", NAME=\"lan\"\n",
        "lan=00:50:56:aa:bb:cc!");
    udev("SUBSYSTEM==\"net\", ATTR{address}==\"00:50:56:AA:bb:cc\", "
         "NAME=\"lan\"\n",
        "lan=00:50:56:aa:bb:cc!");
    udev("SUBSYSTEM==\"net\", KERNELS==\"0000:0b:00.0\", NAME:=\"dmz\"\n",
        "dmz!");
    udev("SUBSYSTEM==\"net\", SYSFS{address}==\"00:50:56:aa:bb:cc\", "
         "IMPORT=\"/lib/udev/rename_netiface %k eth4\"\n",
        "eth4=00:50:56:aa:bb:cc!!");
    udev("SUBSYSTEM==\"block\", KERNEL==\"sda\", NAME=\"x\"\n", "");
}

TEST(netplans)
{
    netplan("network:\n  version: 2\n  ethernets:\n    ens192: {dhcp4: yes}\n"
            "  bonds:\n    bond0:\n      interfaces: [ens192]\n",
        "", "ens192");
    netplan("network:\n  ethernets:\n    lan:\n      match:\n"
            "        macaddress: 00:50:56:AA:BB:CC\n      set-name: lan0\n",
        "", "lan0=00:50:56:aa:bb:cc lan0=00:50:56:aa:bb:cc!!");
    netplan("network:\n  ethernets:\n    a: {dhcp4: true}\n",
        "network:\n  ethernets:\n    a: {match: {name: \"ens*\"}}\n", "ens*");
    netplan("# ethernets: {eth0: {}}\nnetwork: {}\n", "not: [a map", "");
}

/* --- decisions --- */

struct situation {
    struct guest guest;
    struct net_settings s;
    struct net_plan plan;
};

static void
machine(struct situation *t, size_t n)
{
    cleanup_error struct error err = {0};

    *t = (struct situation){0};
    for (size_t i = 0; i < n; i++) {
        struct guest_nic *nic = guest_add_nic(&t->guest, &err);

        CHECK(nic && (nic->mac = text_printf("00:50:56:00:00:%02zx", i)));
    }
}

static void
uses(struct situation *t, const char *name)
{
    cleanup_error struct error err = {0};

    CHECK(net_add(&t->s,
              &(struct net_setting){
                  .name = name, .file = "/f", .line = 3, .starts = true},
              &err) == 0);
}

/* The names, "-" for none, and how much there is to look at. */
static void
decided(struct situation *t, enum net_manner manner, const char *want,
    size_t n_reviews)
{
    cleanup_error struct error err = {0};
    cleanup_free char *got = strdup("");

    net_settle(&t->s);
    CHECK(net_decide(&t->guest, &t->s, manner, &t->plan, &err) == 0);
    for (size_t i = 0; i < t->guest.n_nics; i++) {
        const char *name = t->plan.cards[i].name;
        char *more =
            text_printf("%s%s%s", got, i ? " " : "", name ? name : "-");

        free(got);
        got = more;
    }
    CHECK_STR(got, want);
    CHECK(t->plan.n_reviews == n_reviews);
    net_plan_clear(&t->plan);
    net_settings_clear(&t->s);
    guest_clear(&t->guest);
}

TEST(places)
{
    cleanup_error struct error err = {0};
    struct guest_nic nic = {0};

    CHECK(nic_place_vmware(&nic, 0, 192, &err) == 0);
    CHECK_STR(nic.names[0], "ens192");
    CHECK_STR(nic.names[1], "enp11s0");
    CHECK_STR(nic.names[2], "eno16780032");
    nic_clear(&nic);
    CHECK(nic_place_vmware(&nic, 0, 1184, &err) == 0);
    CHECK_STR(nic.names[0], "ens161");
    CHECK_STR(nic.names[1], "enp4s0");
    nic_clear(&nic);
    CHECK(nic_place_vmware(&nic, 0, 33, &err) == 0);
    CHECK_STR(nic.names[0], "ens33");
    CHECK_STR(nic.names[1], "enp2s1");
    CHECK_STR(nic.names[2], "eno16777736");
    nic_clear(&nic);
    CHECK(nic_place_vmware(&nic, 0, 99999, &err) == 0 && !nic.names);
    CHECK(nic_place_virtualbox(&nic, 1, &err) == 0);
    CHECK_STR(nic.names[0], "enp0s8");
    nic_clear(&nic);
    CHECK(nic_place_pci(&nic, 0, 3, 0, 1, &err) == 0);
    CHECK_STR(nic.names[0], "enp3s0f1");
    CHECK_STR(nic.pci, "0000:03:00.1");
    nic_clear(&nic);
}

TEST(places_decide)
{
    static const unsigned long slots[] = {192, 224, 256, 1184};
    cleanup_error struct error err = {0};
    struct situation t;

    machine(&t, 4);
    for (unsigned i = 0; i < 4; i++)
        CHECK(nic_place_vmware(&t.guest.nics[i], i, slots[i], &err) == 0);
    uses(&t, "ens161");
    uses(&t, "ens256");
    decided(&t, NET_MANNER_UNKNOWN, "ens192 ens224 ens256 ens161", 0);

    /* By the bus; the fourth card of such a machine is the first one. */
    machine(&t, 4);
    for (unsigned i = 0; i < 4; i++)
        CHECK(nic_place_vmware(&t.guest.nics[i], i, slots[i], &err) == 0);
    uses(&t, "enp4s0");
    uses(&t, "enp19s0");
    decided(&t, NET_MANNER_UNKNOWN, "enp11s0 enp19s0 enp27s0 enp4s0", 0);
    machine(&t, 4);
    for (unsigned i = 0; i < 4; i++)
        CHECK(nic_place_vmware(&t.guest.nics[i], i, slots[i], &err) == 0);
    uses(&t, "eth0");
    decided(&t, NET_COUNTED, "eth1 eth2 eth3 eth0", 0);

    /* A name that is not there. */
    machine(&t, 2);
    for (unsigned i = 0; i < 2; i++)
        CHECK(nic_place_vmware(&t.guest.nics[i], i, slots[i], &err) == 0);
    uses(&t, "ens192");
    uses(&t, "ens35");
    decided(&t, NET_MANNER_UNKNOWN, "ens192 ens35", 1);
}

TEST(order_decides)
{
    struct situation t;

    machine(&t, 1);
    uses(&t, "ens192");
    decided(&t, NET_MANNER_UNKNOWN, "ens192", 0);
    /* In VMware's order, and said to be a guess. */
    machine(&t, 3);
    uses(&t, "ens161");
    uses(&t, "ens224");
    uses(&t, "ens192");
    decided(&t, NET_MANNER_UNKNOWN, "ens192 ens224 ens161", 1);
    machine(&t, 2);
    uses(&t, "ens192");
    decided(&t, NET_MANNER_UNKNOWN, "- -", 1);
    machine(&t, 2);
    uses(&t, "eth1");
    uses(&t, "eth0");
    decided(&t, NET_MANNER_UNKNOWN, "eth0 eth1", 1);
    machine(&t, 1);
    uses(&t, "ens*");
    decided(&t, NET_MANNER_UNKNOWN, "-", 1);
    machine(&t, 1);
    uses(&t, "en*");
    decided(&t, NET_MANNER_UNKNOWN, "-", 0);
}

TEST(addresses_decide)
{
    cleanup_error struct error err = {0};
    struct situation t;

    machine(&t, 2);
    CHECK(net_add(&t.s,
              &(struct net_setting){.name = "eth0",
                  .mac = "00:50:56:00:00:01",
                  .file = "/f",
                  .starts = true},
              &err) == 0);
    uses(&t, "eth1");
    decided(&t, NET_MANNER_UNKNOWN, "eth1 eth0", 0);
    /* The guest does it by itself. */
    machine(&t, 1);
    CHECK(net_read_udev(&t.s, "/r",
              "SUBSYSTEM==\"net\", NAME=\"lan\", "
              "ATTR{address}==\"00:50:56:00:00:00\"",
              &err) == 0);
    uses(&t, "lan");
    net_settle(&t.s);
    CHECK(net_decide(&t.guest, &t.s, NET_MANNER_UNKNOWN, &t.plan, &err) == 0);
    CHECK(t.plan.cards[0].is_named && t.plan.n_reviews == 0);
    net_plan_clear(&t.plan);
    decided(&t, NET_MANNER_UNKNOWN, "lan", 0);
    /* An address that is not there. */
    machine(&t, 1);
    CHECK(net_add(&t.s,
              &(struct net_setting){
                  .mac = "00:50:56:00:00:09", .file = "/f", .starts = true},
              &err) == 0);
    decided(&t, NET_MANNER_UNKNOWN, "-", 1);
}

static void
driver(const char *list, bool fits)
{
    cleanup_error struct error err = {0};
    cleanup_free char *said = net_driver_misfit(list, &err);

    CHECK(!err.code);
    if (!said != fits)
        CHECK_STR(said ? said : "fits", list);
}

static void
misfit(struct net_settings *s, const char *want)
{
    const char *got = "";

    for (size_t i = 0; i < s->n; i++)
        got = s->items[i].misfit ? s->items[i].misfit : got;
    CHECK_STR(got, want);
    net_settings_clear(s);
}

static void
networkd_misfit(const char *text, const char *want)
{
    cleanup_error struct error err = {0};
    struct net_settings s = {0};

    CHECK(net_read_networkd(&s, "/x.network", text, NULL, &err) == 0);
    misfit(&s, want);
}

TEST(drivers)
{
    driver("vmxnet3", false);
    driver("virtio_net", true);
    driver("vmxnet3 virtio*", true);
    driver("e1000*;vmxnet3;", false);
    driver("!virtio_net", false);
    driver("!veth", true);
    driver("! veth virtio_net", false);
    driver("!vmxnet3 !e1000", true);
    driver("", true);
    driver(" ", true);
}

/* What is asked for in any of the forms, and what the new machine answers. */
TEST(matches_of_networkd)
{
    /* Lists, and lists that go on in the next line or in another one. */
    networkd_misfit("[Match]\nDriver=ena \\\n  ixgbevf\nDriver=vif\n",
        "network cards with the driver ena ixgbevf vif");
    networkd_misfit("[Match]\nDriver=ena\nDriver=\nName=e*\n", "");
    networkd_misfit("[Match]\nDriver=ena virtio_net\n", "");
    networkd_misfit("[Match]\n# Driver=ena\nName=e*\n;Driver=x \\\n", "");
    networkd_misfit("[Match]\nDriver=! ena\nName=e*\n", "");
    networkd_misfit("[Match]\nDriver=!virtio_net\nName=e*\n",
        "network cards with the driver !virtio_net");
    networkd_misfit("[Match]\nPath=pci-0000:0b:00.0\nName=ens192\n",
        "network cards in the place pci-0000:0b:00.0");
    networkd_misfit("[Match]\nPath=pci-*\nName=e*\n", "");
    networkd_misfit("[Match]\nProperty=ID_NET_DRIVER=vmxnet3\n",
        "network cards with the property ID_NET_DRIVER=vmxnet3");
    networkd_misfit("[Match]\nType=ether\nKind=!*\nDriver=hv_netvsc\n",
        "network cards with the driver hv_netvsc");
    /* What the old machine did not have either. */
    networkd_misfit("[Match]\nDriver=veth\nName=ve-*\n", "");
    networkd_misfit("[Match]\nVirtualization=container\nName=host0\n", "");
    networkd_misfit("[Match]\nType=wlan\nDriver=ath9k\n", "");
    networkd_misfit("[Match]\nKind=bridge\nDriver=vmxnet3\n", "");
    networkd_misfit("[Match]\nPath=*-usb-*\nDriver=r8152\n", "");
    networkd("/a.network", "[Match]\nType=ether\nKind=!*\nName=ens5\n", "ens5");
    networkd("/a.network", "[Match]\nName=!ens5 ens6\n", "");
    networkd("/a.network", "[Match]\nName=ens5\nType=!ether\n", "");
    networkd("/99-default.link",
        "[Match]\nOriginalName=*\n[Link]\nNamePolicy=keep kernel\n"
        "AlternativeNamesPolicy=database\nMACAddressPolicy=persistent\n",
        "");
}

static void
parts(const char *const *dropins, const char *want, const char *want_misfit,
    const char *want_file, unsigned want_line)
{
    cleanup_error struct error err = {0};
    cleanup_strv char **list = NULL;
    struct net_settings s = {0};

    CHECK(!dropins || strv_extend(&list, dropins) == 0);
    CHECK(net_read_networkd(
              &s, "/a.network", "[Match]\nName=ens192\n", list, &err) == 0);
    CHECK(s.n > 0);
    CHECK_STR(s.items[0].misfit ? s.items[0].misfit : "", want_misfit);
    CHECK_STR(s.items[0].file, want_file);
    CHECK(s.items[0].line == want_line);
    check_list(&s, want);
}

TEST(dropins_of_networkd)
{
    static const char *const driver[] = {
        "/a.network.d/x.conf", "[Match]\n\nDriver=ena\n", NULL};
    static const char *const name[] = {"/a.network.d/x.conf",
        "[Match]\nName=ens224\n", "/a.network.d/y.conf", "[Network]\nDHCP=no",
        NULL};
    static const char *const other[] = {
        "/a.network.d/x.conf", "[Match]\nName=\nName=eth7\n", NULL};

    parts(driver, "ens192", "network cards with the driver ena",
        "/a.network.d/x.conf", 3);
    parts(name, "ens192 ens224", "", "/a.network", 2);
    parts(other, "eth7", "", "/a.network", 2);
    parts(NULL, "ens192", "", "/a.network", 2);
}

static void
sets_more(const char *text, bool want)
{
    cleanup_error struct error err = {0};
    struct net_settings s = {0};

    CHECK(net_read_networkd(&s, "/x.link", text, NULL, &err) == 0);
    CHECK(s.sets_more == want);
    net_settings_clear(&s);
}

/* The first .link file that matches is the only one that counts. */
TEST(links_that_do_more)
{
    sets_more("[Match]\nOriginalName=*\n[Link]\nMTUBytes=9000\n", true);
    sets_more("[Match]\nOriginalName=*\n[Link]\nNamePolicy=path\n", false);
    sets_more("[Match]\nType=wlan\n[Link]\nMTUBytes=9000\n", false);
    sets_more("[Match]\nDriver=vmxnet3\n[Link]\nMTUBytes=9000\n", false);
    sets_more("[Match]\nMACAddress=00:50:56:aa:bb:cc\n[Link]\nName=l0\n"
              "WakeOnLan=off\n",
        false);
}

static void
dhcpcd(const char *text, const char *want)
{
    cleanup_error struct error err = {0};
    struct net_settings s = {0};

    CHECK(net_read_dhcpcd(&s, "/etc/dhcpcd.conf", text, &err) == 0);
    check_list(&s, want);
}

TEST(dhcpcd_files)
{
    dhcpcd("hostname\n# interface eth0\ninterface ens192\n"
           "static ip_address=10.0.0.2/24\n\tinterface\tens224\r\n",
        "ens192 ens224");
    dhcpcd("allowinterfaces en* eth0\ndenyinterfaces veth*\n", "en* eth0");
    dhcpcd("interface wlan0\ninterface\n", "");
}

static void
manager(const char *text, const char *want)
{
    cleanup_error struct error err = {0};
    struct net_settings s = {0};

    CHECK(net_read_manager(&s, "/nm.conf", text, &err) == 0);
    misfit(&s, want);
}

TEST(manager_files)
{
    manager("[connection-a]\nmatch-device=driver:vmxnet3\n",
        "network cards with the driver vmxnet3");
    manager("[keyfile]\nunmanaged-devices+=*,except:driver:vmxnet3\n", "");
    manager(
        "[keyfile]\nunmanaged-devices=driver:veth;mac:00:50:56:aa:bb:cc\n", "");
    manager("[device]\nmatch-device=driver:virtio_net\n", "");
}

static void
cloud(const char *text, const char *want)
{
    cleanup_error struct error err = {0};
    struct net_settings s = {0};
    struct netplan *p = netplan_new(true, &err);

    CHECK(p && netplan_read(p, &s, "/c.cfg", text, &err) == 0);
    CHECK(netplan_finish(p, &s, &err) == 0);
    netplan_free(p);
    check_list(&s, want);
}

TEST(cloud_init_files)
{
    cloud("#cloud-config\nnetwork:\n  version: 1\n  config:\n"
          "    - type: physical\n      name: ens192\n"
          "      mac_address: '00:50:56:AA:BB:CC'\n"
          "    - {type: bond, name: bond0, bond_interfaces: [ens224]}\n"
          "    - {type: physical, name: ens224}\n"
          "    - {type: nameserver, address: 192.0.2.1}\n",
        "ens192=00:50:56:aa:bb:cc ens224");
    cloud("network: {config: disabled}\n", "");
    cloud("version: 2\nethernets:\n  id0:\n    match: {macaddress: "
          "'00:50:56:aa:bb:cc'}\n    set-name: lan0\n",
        "lan0=00:50:56:aa:bb:cc");
    cloud("users: [default]\n", "");
}

static char *
repeat(const char *before, const char *unit, size_t n, const char *after)
{
    size_t size = strlen(unit);
    char *text = malloc(strlen(before) + n * size + strlen(after) + 1), *to;

    CHECK(text);
    to = stpcpy(text, before);
    while (n-- > 0)
        to = stpcpy(to, unit);
    strcpy(to, after);
    return text;
}

/* A mebibyte of each: no time that grows with its square. */
TEST(deep_and_long)
{
    enum { N = 1 << 20 };
    static const struct {
        const char *before, *unit;
    } plans[] = {{"network: {ethernets: ", "["}, {"network: ", "{a: "},
        {"network: [", "&a 1,"}, {"network:\n", "- "}};
    cleanup_error struct error err = {0};
    struct net_settings s = {0};
    cleanup_strv char **more = NULL;

    for (size_t i = 0; i < N_ELEMENTS(plans); i++) {
        struct netplan *p = netplan_new(false, &err);
        cleanup_free char *text = repeat(
            plans[i].before, plans[i].unit, N / strlen(plans[i].unit), "\n");

        CHECK(p && netplan_read(p, &s, "/a.yaml", text, &err) == 0);
        netplan_free(p);
    }
    CHECK(strv_length(s.broken) > 0 && strstr(s.broken[0], "too many"));
    cleanup_free char *assignments = repeat("", "A=\n", N / 3, "");
    CHECK(net_read_ifcfg(&s, "/ifcfg-a", assignments, false, &err) == 0);
    cleanup_free char *includes = repeat("source ", "a ", N / 2, "\n");
    CHECK(net_read_ifupdown(&s, "/interfaces", includes, &more, &err) == 0);
    CHECK(strv_length(more) > NET_INCLUDES_MAX);
    cleanup_free char *pattern = repeat("auto *", "a", N / 2, "b\niface ");
    cleanup_free char *patterns = repeat(pattern, "a", N / 2, "* inet dhcp\n");
    CHECK(net_read_ifupdown(&s, "/interfaces", patterns, &more, &err) == 0);
    net_settle(&s);
    net_settings_clear(&s);
}

/* 200000 words: no time for each pair of them, and it is said. */
TEST(long_lists)
{
    enum { WORDS = 200000, ROOM = WORDS * 8 + 200 };
    cleanup_error struct error err = {0};
    cleanup_free char *text = malloc(ROOM);
    struct net_settings s = {0};
    struct netplan *p = netplan_new(false, &err);
    size_t n;

    CHECK(text && p);
    n = (size_t)snprintf(text, ROOM,
        "network:\n  ethernets:\n    a:\n      match:\n        driver: [");
    for (unsigned i = 0; i < WORDS; i++)
        n += (size_t)snprintf(text + n, ROOM - n, "d%u,", i);
    snprintf(text + n, ROOM - n, "virtio_net]\n");
    CHECK(netplan_read(p, &s, "/a.yaml", text, &err) == 0);
    CHECK(netplan_finish(p, &s, &err) == 0 && !s.broken);
    CHECK(s.n == 0);
    netplan_free(p);
    n = (size_t)snprintf(text, ROOM, "[Match]\nName=");
    for (unsigned i = 0; i < WORDS; i++)
        n += (size_t)snprintf(text + n, ROOM - n, "e%u ", i);
    CHECK(net_read_networkd(&s, "/a.network", text, NULL, &err) == 0);
    CHECK(s.n == NET_SETTINGS_MAX && strv_length(s.broken) == 1);
    CHECK(strstr(s.broken[0], "/a.network: "));
    net_settings_clear(&s);
}

TEST(drivers_of_files)
{
    static const char said[] = "network cards with the driver vmxnet3";
    cleanup_error struct error err = {0};
    struct net_settings s = {0};
    struct netplan *p = netplan_new(false, &err);

    networkd_misfit("[Match]\nDriver=vmxnet3\n", said);
    networkd_misfit("[Match]\nDriver=vmxnet3\nName=ens*\n", said);
    networkd_misfit(
        "[Match]\nDriver=vmxnet3\nMACAddress=00:50:56:00:00:01\n", said);
    networkd_misfit("[Match]\nVirtualization=vmware\nName=e*\n",
        "the virtualization vmware");
    networkd_misfit(
        "[Match]\nVirtualization=!kvm\nName=e*\n", "the virtualization !kvm");
    networkd_misfit("[Match]\nVirtualization=!vmware\nName=e*\n", "");
    networkd_misfit("[Match]\nVirtualization=vm\nName=e*\n", "");
    networkd_misfit("[Match]\nDriver=!veth\nName=e*\n", "");
    CHECK(net_read_keyfile(&s, "/k",
              "[connection]\ntype=ethernet\n[match]\ndriver=vmxnet3\n",
              &err) == 0);
    misfit(&s, said);
    CHECK(p && netplan_read(p, &s, "/a.yaml",
                   "network:\n  ethernets:\n    a:\n      match:\n"
                   "        driver: [vmxnet3]\n",
                   &err) == 0);
    CHECK(netplan_finish(p, &s, &err) == 0);
    netplan_free(p);
    misfit(&s, said);
}
