/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which system is it, by its files?  Systems that resemble each other are not
 * taken for one another. */
#include <config.h>

#include "appliance/agent/inspect/detect.h"
#include "appliance/agent/inspect/nested.h"
#include "appliance/agent/inspect/system.h"
#include "tests/unit/call.h"
#include "tests/unit/test.h"
#include "tests/unit/tree.h"

/* That of Windows needs a registry; it has tests of its own. */
static const char *
no_role(struct call *c, int root)
{
    (void)c, (void)root;
    return NULL;
}

const struct detector windows_detector = {.role = no_role};

#define UNIX "bin/sh", "", "etc/fstab", ""

static const struct {
    const char *files[14]; /* path, text, ... */
    const char *type, *distro, *product;
    int major, minor;
    const char *hostname, *format, *osinfo;
} systems[] = {
    {{UNIX, "bin/freebsd-version",
         "#!/bin/sh\nUSERLAND_VERSION=\"14.1-RELEASE-p5\"\n", "etc/rc.conf",
         "# name\nhostname=\"beastie.example.org\"\n"},
        "freebsd", "freebsd", "FreeBSD 14.1-RELEASE-p5", 14, 1,
        "beastie.example.org", "pkg", "freebsd14.1"},
    {{UNIX, "etc/freebsd-update.conf", "", "etc/motd",
         "FreeBSD 9.3-RELEASE (GENERIC) #0 r268512: Thu Jul 10\n",
         "etc/rc.conf", "hostname='old'\n"},
        "freebsd", "freebsd", "FreeBSD 9.3-RELEASE", 9, 3, "old", "pkg",
        "freebsd9.3"},
    {{UNIX, "bin/freebsd-version", "USERLAND_VERSION=\"14.1\"\n",
         "etc/os-release",
         "ID=ghostbsd\nVERSION_ID=24.07.1\nPRETTY_NAME=\"GhostBSD 24\"\n"},
        "freebsd", "ghostbsd", "GhostBSD 24", 24, 7, "", "pkg", "ghostbsd24.7"},
    {{UNIX, "etc/release", "NetBSD 9.3/amd64\n", "netbsd", "", "etc/rc.conf",
         "hostname=net\n"},
        "netbsd", "netbsd", "NetBSD 9.3/amd64", 9, 3, "net", "pkgsrc",
        "netbsd9.3"},
    {{UNIX, "bsd", "", "etc/motd", "OpenBSD 7.5 (GENERIC.MP) #82: Wed Mar\n",
         "etc/myname", "puffy.example.org\n"},
        "openbsd", "openbsd", "OpenBSD 7.5", 7, 5, "puffy.example.org",
        "pkg_add", "openbsd7.5"},
    {{UNIX, "bsd", "", "etc/motd", "OpenBSD ?.? (UNKNOWN)\n",
         "etc/signify/openbsd-74-base.pub", "",
         "etc/signify/openbsd-75-base.pub", ""},
        "openbsd", "openbsd", "OpenBSD 7.4", 7, 4, "", "pkg_add", "openbsd7.4"},
    {{UNIX, "hurd/init", "", "hurd/null", "", "etc/os-release",
         "ID=debian\nVERSION_ID=13\nPRETTY_NAME=\"Debian GNU/Hurd\"\n",
         "etc/debian_version", "13.1\n"},
        "hurd", "debian", "13.1", 13, 1, "", "deb", "debian13"},
    {{UNIX, "service/vm", "", "etc/version", "3.4.0\n", "etc/hostname.file",
         "mini\n"},
        "minix", "minix", "Minix 3.4.0", 3, 4, "mini", "pkgsrc", "minix3.4"},
    /* A Linux with a file of that name is a Linux. */
    {{UNIX, "etc/release", "Our release 7\n", "etc/os-release",
         "ID=arch\nPRETTY_NAME=\"Arch Linux\"\n"},
        "linux", "archlinux", "Arch Linux", 0, 0, "", "pacman", "archlinux"},
};

TEST(roots)
{
    for (size_t i = 0; i < N_ELEMENTS(systems); i++) {
        struct mayfly_inspection_root s;
        struct test_tree t;
        struct call *c = test_call_new();
        const char *role;

        tree_make(&t);
        for (size_t k = 0; systems[i].files[k]; k += 2)
            tree_file(&t, systems[i].files[k], systems[i].files[k + 1]);
        const struct detector *d = detect(c, t.root, &role);
        CHECK_STR(role, "root");
        CHECK_STR(d->type, systems[i].type);
        system_init(&s);
        d->read(c, t.root, &s);
        CHECK_STR(s.distro, systems[i].distro);
        CHECK_STR(s.product_name, systems[i].product);
        CHECK(s.major_version == systems[i].major);
        CHECK(s.minor_version == systems[i].minor);
        CHECK_STR(s.hostname, systems[i].hostname);
        CHECK_STR(s.package_format, systems[i].format);
        CHECK_STR(s.osinfo, systems[i].osinfo);
        test_call_free(c);
        tree_remove(&t);
    }
}

/* Files that are links, folders and pipes in place of files say nothing. */
TEST(odd_files)
{
    struct test_tree t;
    struct call *c = test_call_new();
    struct mayfly_inspection_root s;
    const char *role;

    tree_make(&t);
    tree_file(&t, "bin/sh", "");
    tree_folder(&t, "etc/release");
    CHECK(mkfifoat(t.root, "bsd", 0600) == 0);
    CHECK(symlinkat("fstab", t.root, "etc/fstab") == 0);
    CHECK(!detect(c, t.root, &role));
    CHECK_STR(role, "other");
    /* A version without numbers, and one that is too large. */
    tree_file(&t, "bin/freebsd-version", "USERLAND_VERSION=99999999999.x\n");
    const struct detector *d = detect(c, t.root, &role);
    system_init(&s);
    d->read(c, t.root, &s);
    CHECK(s.major_version == 0 && s.minor_version == 0);
    CHECK_STR(s.product_name, "FreeBSD 99999999999.x");
    test_call_free(c);
    tree_remove(&t);
}

/* --- what is no system of its own --- */

static const struct {
    const char *files[6];
    const char *reason, *text; /* of the first note */
} media[] = {
    {{".disk/info", "Debian GNU/Linux 12.5.0 - Official amd64\n"}, "medium",
        "a medium to install Debian GNU/Linux 12.5.0 - Official amd64 from, or "
        "to run it live"},
    {{"sources/boot.wim", ""}, "medium",
        "a medium to install Windows from, or to run it live"},
    {{"casper/filesystem.squashfs", ""}, "nested",
        "a system inside a file; it is not opened"},
    {{"ostree/deploy/fedora/deploy/abc.0/usr/lib/os-release",
         "PRETTY_NAME=\"Fedora CoreOS 40\"\n"},
        "nested",
        "Fedora CoreOS 40, deployed by OSTree; it is not opened as a system"},
};

static const struct mayfly_inspection_note *
notes_of(struct call *c, struct test_tree *t, struct list *notes)
{
    struct volume v = {.kind = VOLUME_PARTITION};
    struct mounted_volume item = {.volume = &v,
        .mountable = call_strdup(c, "/dev/sda1"),
        .root = t->root,
        .role = "other"};
    struct mounted_guest guest = {
        .items = {.items = &item, .n = 1}, .notes = notes};
    struct list roots = {0};

    nested_notes(c, &guest, &roots);
    return notes->items;
}

TEST(media)
{
    for (size_t i = 0; i < N_ELEMENTS(media); i++) {
        struct test_tree t;
        struct call *c = test_call_new();
        struct list notes = {0};

        tree_make(&t);
        for (size_t k = 0; media[i].files[k]; k += 2)
            tree_file(&t, media[i].files[k], media[i].files[k + 1]);
        const struct mayfly_inspection_note *n = notes_of(c, &t, &notes);
        CHECK(notes.n == 1);
        CHECK_STR(n->reason, media[i].reason);
        CHECK_STR(n->text, media[i].text);
        test_call_free(c);
        tree_remove(&t);
    }
}

TEST(generations)
{
    struct test_tree t;
    struct call *c = test_call_new();
    struct list notes = {0};

    tree_make(&t);
    tree_folder(&t, "nix/var/nix/profiles");
    CHECK(symlinkat("system-42-link", t.root, "nix/var/nix/profiles/system") ==
          0);
    CHECK(symlinkat("/nix/store/a", t.root,
              "nix/var/nix/profiles/system-41-link") == 0);
    CHECK(symlinkat("/nix/store/b", t.root,
              "nix/var/nix/profiles/system-42-link") == 0);
    const struct mayfly_inspection_note *n = notes_of(c, &t, &notes);
    CHECK(notes.n == 1);
    CHECK_STR(
        n->text, "2 generations of NixOS; system-42-link is the current one");
    test_call_free(c);
    tree_remove(&t);
}

TEST(subvolumes)
{
    struct call *c = test_call_new();
    struct list notes = {0};

    CHECK(nested_container(c, &notes,
        "btrfsvol:/dev/sda2/@/var/lib/docker/btrfs/subvolumes/0a1b"));
    CHECK(
        nested_container(c, &notes, "btrfsvol:/dev/sda2/var/lib/machines/web"));
    CHECK(!nested_container(c, &notes, "btrfsvol:/dev/sda2/@"));
    CHECK(!nested_container(c, &notes, "/dev/var/lib/machines/web"));
    CHECK(notes.n == 2);
    CHECK_STR(((struct mayfly_inspection_note *)notes.items)[1].text,
        "a container of systemd-nspawn; it is not opened as a system");
    CHECK(nested_snapshot("btrfsvol:/dev/sda2/@/.snapshots/7/snapshot"));
    CHECK(nested_snapshot("btrfsvol:/dev/sda2/.snapshots/7/snapshot"));
    CHECK(nested_snapshot(
        "btrfsvol:/dev/vg/root/timeshift-btrfs/snapshots/2026-01-01/@"));
    CHECK(!nested_snapshot("btrfsvol:/dev/sda2/@home"));
    test_call_free(c);
}
