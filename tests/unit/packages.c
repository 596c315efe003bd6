/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The readers of package databases, on trees made here. */
#include <config.h>

#include <fcntl.h>

#include "appliance/agent/packages/packages.h"
#include "tests/unit/call.h"
#include "tests/unit/test.h"
#include "tests/unit/tree.h"

/* librpm has its own tests; the reader needs an appliance. */
static const char *
no_rpm(struct call *c, int root, struct list *packages, const char **ret_reason)
{
    (void)c, (void)root, (void)packages;
    *ret_reason = "not here";
    return NULL;
}

const struct package_reader rpm_reader = {.format = "rpm", .read = no_rpm};
const struct package_reader windows_reader = {
    .format = "windows", .read = no_rpm};

static struct mayfly_application2 *
read_packages(struct call *c, struct test_tree *t, const char *format,
    uint32_t *ret_n, const char **ret_source)
{
    struct list packages = {0};
    const char *reason;
    const char *source = packages_read(c, t->root, format, &packages, &reason);

    if (ret_source)
        *ret_source = source;
    else
        CHECK(source);
    *ret_n = packages.n;
    return packages.items;
}

TEST(dpkg_fields)
{
    struct test_tree t;
    struct call *c = test_call_new();
    uint32_t n;

    tree_make(&t);
    tree_file(&t, "var/lib/dpkg/status",
        "Package: zlib1g\n"
        "Status: install ok installed\n"
        "Architecture: amd64\n"
        "Multi-Arch: same\n"
        "Source: zlib (1:1.2)\n"
        "Version: 1:1.2.13.dfsg-1\n"
        "Depends: libc6 (>= 2.14),\n"
        " libfoo\n"
        "Description: compression library - runtime\n"
        " zlib is a library.\n"
        " .\n"
        " Second paragraph.\n"
        "Homepage: http://zlib.net/\n"
        "\n"
        "Package: removed\n"
        "Status: deinstall ok config-files\n"
        "Version: 1\n"
        "\n"
        "Package: half\n"
        "Status: install ok half-installed\n"
        "Version: 1\n"
        "\n"
        "Package: never\n"
        "Status: unknown ok not-installed\n"
        "Version: 1\n"
        "\n"
        "Package: broken\n"
        "Status: install ok installed\n"
        "Version: x:1\n"
        "\n"
        "Package: libedit2\n"
        "status: install ok triggers-awaited\n"
        "Version: 3.1-20221030-2\n"
        "Architecture: amd64\n"
        "\n\n\n"
        "Package: native\n"
        "Status: install ok installed\n"
        "Version: 0007");
    struct mayfly_application2 *p = read_packages(c, &t, "deb", &n, NULL);

    CHECK(n == 3);
    CHECK_STR(p[0].app2_name, "libedit2");
    CHECK_STR(p[0].app2_version, "3.1");
    CHECK_STR(p[0].app2_release, "20221030-2");
    CHECK(p[0].app2_epoch == 0);
    CHECK_STR(p[0].app2_description, "");
    CHECK_STR(p[1].app2_name, "native");
    CHECK_STR(p[1].app2_version, "0007");
    CHECK_STR(p[1].app2_release, "");
    CHECK_STR(p[2].app2_name, "zlib1g");
    CHECK(p[2].app2_epoch == 1);
    CHECK_STR(p[2].app2_version, "1.2.13.dfsg");
    CHECK_STR(p[2].app2_release, "1");
    CHECK_STR(p[2].app2_arch, "amd64");
    CHECK_STR(p[2].app2_source_package, "zlib");
    CHECK_STR(p[2].app2_summary, "compression library - runtime");
    CHECK_STR(
        p[2].app2_description, "zlib is a library.\n.\nSecond paragraph.");
    CHECK_STR(p[2].app2_url, "http://zlib.net/");
    test_call_free(c);
    tree_remove(&t);
}

TEST(dpkg_status_d)
{
    struct test_tree t;
    struct call *c = test_call_new();
    uint32_t n;
    const char *source;

    tree_make(&t);
    tree_file(&t, "var/lib/dpkg/status.d/base",
        "Package: base-files\n"
        "Version: 12.4\n");
    tree_file(&t, "var/lib/dpkg/status.d/base.md5sums",
        "Package: no\n"
        "Version: 1\n");
    struct mayfly_application2 *p = read_packages(c, &t, "deb", &n, &source);
    CHECK(n == 1);
    CHECK_STR(p[0].app2_name, "base-files");
    CHECK_STR(source, "/var/lib/dpkg/status.d");
    test_call_free(c);
    tree_remove(&t);
}

TEST(dpkg_missing)
{
    struct test_tree t;
    struct call *c = test_call_new();
    struct list packages = {0};
    const char *reason = NULL;

    tree_make(&t);
    CHECK(!packages_read(c, t.root, "deb", &packages, &reason));
    CHECK_STR(reason, "cannot read /var/lib/dpkg/status");
    /* A FIFO does not block, a device is not read. */
    tree_file(&t, "var/lib/dpkg/x", "");
    CHECK(mkfifoat(t.root, "var/lib/dpkg/status", 0600) == 0);
    CHECK(!packages_read(c, t.root, "deb", &packages, &reason));
    CHECK(!packages_read(c, t.root, "eopkg", &packages, &reason));
    CHECK(!reason && packages.n == 0);
    test_call_free(c);
    tree_remove(&t);
}

/* The guest's links stay within the guest. */
TEST(links_stay_inside)
{
    struct test_tree t;
    struct call *c = test_call_new();
    uint32_t n;

    tree_make(&t);
    tree_file(&t, "srv/status",
        "Package: inside\n"
        "Status: install ok installed\n"
        "Version: 1\n");
    tree_file(&t, "var/lib/dpkg/x", "");
    CHECK(symlinkat("/../../srv/status", t.root, "var/lib/dpkg/status") == 0);
    struct mayfly_application2 *p = read_packages(c, &t, "deb", &n, NULL);
    CHECK(n == 1);
    CHECK_STR(p[0].app2_name, "inside");
    test_call_free(c);
    tree_remove(&t);
}

TEST(apk)
{
    struct test_tree t;
    struct call *c = test_call_new();
    uint32_t n;

    tree_make(&t);
    tree_file(&t, "lib/apk/db/installed",
        "C:Q1xyz=\nP:musl\nV:1.2.5-r0\nA:x86_64\nS:1\nT:the musl C library\n"
        "U:https://musl.libc.org/\no:musl\nF:lib\nR:ld-musl\na:0:0:755\n"
        "\n"
        "P:busybox\nV:1.36.1-r29\nA:x86_64\n"
        "garbage\n"
        "\n"
        "P:noversion\n"
        "\n"
        "P:last\nV:20240226-r0");
    struct mayfly_application2 *p = read_packages(c, &t, "apk", &n, NULL);
    CHECK(n == 3);
    CHECK_STR(p[0].app2_name, "busybox");
    CHECK_STR(p[0].app2_release, "29");
    CHECK_STR(p[1].app2_name, "last");
    CHECK_STR(p[2].app2_name, "musl");
    CHECK_STR(p[2].app2_version, "1.2.5");
    CHECK_STR(p[2].app2_release, "0");
    CHECK_STR(p[2].app2_description, "the musl C library");
    CHECK_STR(p[2].app2_url, "https://musl.libc.org/");
    CHECK_STR(p[2].app2_source_package, "musl");
    test_call_free(c);
    tree_remove(&t);
}

TEST(pacman)
{
    struct test_tree t;
    struct call *c = test_call_new();
    uint32_t n;

    tree_make(&t);
    tree_file(&t, "var/lib/pacman/local/ALPM_DB_VERSION", "9\n");
    tree_file(&t, "var/lib/pacman/local/zsh-5.9-5/desc",
        "%NAME%\nzsh\n\n%VERSION%\n1:5.9-5\n\n%BASE%\nzsh\n\n%DESC%\n"
        "A shell\n\n%URL%\nhttps://zsh.org\n\n%ARCH%\nx86_64\n\n"
        "%LICENSE%\nMIT\n");
    tree_file(&t, "var/lib/pacman/local/bad-1/desc",
        "%NAME%\nbad\n\n%VERSION%\n1\n\n%ARCH%\nany\n");
    struct mayfly_application2 *p = read_packages(c, &t, "pacman", &n, NULL);
    CHECK(n == 1);
    CHECK_STR(p[0].app2_name, "zsh");
    CHECK(p[0].app2_epoch == 1);
    CHECK_STR(p[0].app2_version, "5.9");
    CHECK_STR(p[0].app2_release, "5");
    CHECK_STR(p[0].app2_description, "A shell");
    CHECK_STR(p[0].app2_arch, "x86_64");
    test_call_free(c);
    tree_remove(&t);
}

/* A value longer than the definition allows is cut. */
TEST(long_values)
{
    struct test_tree t;
    struct call *c = test_call_new();
    uint32_t n;
    cleanup_free char *text = malloc(400000);
    size_t at = (size_t)sprintf(text, "Package: ");

    memset(text + at, 'a', 1000);
    at += 1000;
    at += (size_t)sprintf(text + at, "\nStatus: install ok installed\n"
                                     "Version: 1\nDescription: s\n ");
    memset(text + at, 'b', 200000);
    at += 200000;
    strcpy(text + at, "\n");
    tree_make(&t);
    tree_file(&t, "var/lib/dpkg/status", text);
    struct mayfly_application2 *p = read_packages(c, &t, "deb", &n, NULL);
    CHECK(n == 1);
    CHECK(strlen(p[0].app2_name) == PACKAGE_NAME_MAX);
    CHECK(strlen(p[0].app2_description) == PACKAGE_TEXT_MAX);
    test_call_free(c);
    tree_remove(&t);
}

static const struct {
    const char *format;
    const char *files[10];     /* path, text, ... */
    const char *source, *list; /* "name version-release arch licence," */
} readers[] = {
    {"opkg",
        {"usr/lib/opkg/status",
            "Package: busybox\nVersion: 1.36.1-1\nArchitecture: mips\n"
            "Status: install user installed\n\n"
            "Package: gone\nVersion: 1\nStatus: deinstall ok not-installed\n"},
        "/usr/lib/opkg/status", "busybox 1.36.1-1 mips ,"},
    {"ebuild",
        {"var/db/pkg/app-shells/bash-5.2_p26-r1/LICENSE", "GPL-3+\n",
            "var/db/pkg/media-fonts/font-adobe-100dpi-1.0.3/SLOT", "0\n",
            "var/db/pkg/app-shells/-MERGING-bash-5/x", "", "var/db/pkg/file-1",
            ""},
        "/var/db/pkg",
        "app-shells/-MERGING-bash 5-  ,app-shells/bash 5.2_p26-r1-  GPL-3+,"
        "media-fonts/font-adobe-100dpi 1.0.3-  ,"},
    {"xbps",
        {"var/db/xbps/pkgdb-0.38.plist",
            "<?xml version=\"1.0\"?>\n<!DOCTYPE plist [<!ENTITY e SYSTEM "
            "\"/etc/passwd\">]>\n<plist version=\"1.0\"><dict>\n"
            "<key>_XBPS_ALTERNATIVES_</key><dict/>\n"
            "<key>xbps-src</key><dict><key>architecture</key>\n"
            "<string>x86_64</string><key>automatic-install</key><true/>\n"
            "<key>license</key><string>BSD-2-Clause</string>\n"
            "<key>pkgver</key><string>xbps-src-0.59.2_1</string></dict>\n"
            "<key>other</key><dict><key>pkgver</key><string>not-1_1</string>\n"
            "</dict><key>&e;</key><dict/></dict></plist>\n"},
        "/var/db/xbps/pkgdb-0.38.plist",
        "xbps-src 0.59.2_1- x86_64 BSD-2-Clause,"},
    {"pkgsrc",
        {"usr/pkg/pkgdb/p5-DBI-1.643nb2/+COMMENT", "Perl DB interface\n",
            "usr/pkg/pkgdb/pkgdb.byfile.db", ""},
        "/usr/pkg/pkgdb", "p5-DBI 1.643nb2-  ,"},
    {"pkg_add", {"var/db/pkg/vim-9.1.139-no_x11/+CONTENTS", ""}, "/var/db/pkg",
        "vim 9.1.139-no_x11-  ,"},
    {"slackware",
        {"var/lib/pkgtools/packages/aaa_base-15.0-x86_64-4", "",
            "var/lib/pkgtools/packages/short-1", ""},
        "/var/lib/pkgtools/packages", "aaa_base 15.0-4 x86_64 ,"},
    {"deb",
        {"var/lib/dpkg/status", "", "var/lib/snapd/snaps/core22_1380.snap", "",
            "var/lib/snapd/snaps/partial", "",
            "var/lib/flatpak/app/org.gimp.GIMP/x86_64/stable/x", ""},
        "/var/lib/dpkg/status",
        "core22 1380-  ,org.gimp.GIMP stable- x86_64 ,"},
};

TEST(other_readers)
{
    for (size_t i = 0; i < N_ELEMENTS(readers); i++) {
        struct test_tree t;
        struct call *c = test_call_new();
        const char *source;
        char list[1024] = "";
        uint32_t n;

        tree_make(&t);
        for (size_t k = 0; readers[i].files[k]; k += 2)
            tree_file(&t, readers[i].files[k], readers[i].files[k + 1]);
        struct mayfly_application2 *p =
            read_packages(c, &t, readers[i].format, &n, &source);
        for (uint32_t k = 0; k < n; k++)
            snprintf(list + strlen(list), sizeof list - strlen(list),
                "%s %s-%s %s %s,", p[k].app2_name, p[k].app2_version,
                p[k].app2_release, p[k].app2_arch, p[k].app2_licence);
        CHECK_STR(source, readers[i].source);
        CHECK_STR(list, readers[i].list);
        test_call_free(c);
        tree_remove(&t);
    }
}

/* What is not there is said; so is what is damaged. */
TEST(unreadable)
{
    static const char *const formats[] = {
        "opkg", "ebuild", "xbps", "pkgsrc", "pkg_add", "slackware"};
    struct test_tree t;
    struct call *c = test_call_new();
    struct list packages = {0}, unread = {0};
    const char *reason;

    tree_make(&t);
    for (size_t i = 0; i < N_ELEMENTS(formats); i++) {
        CHECK(!packages_read(c, t.root, formats[i], &packages, &reason));
        CHECK(reason && str_after(reason, "cannot read /"));
    }
    tree_file(&t, "var/db/xbps/pkgdb-0.38.plist", "<plist><dict><key>");
    CHECK(!packages_read(c, t.root, "xbps", &packages, &reason));
    CHECK_STR(reason, "/var/db/xbps/pkgdb-0.38.plist is damaged");
    packages_unread(c, t.root, "xbps", &unread);
    CHECK(unread.n == 0);
    /* The first has no reader, the second is not the system's own. */
    tree_file(&t, "var/db/pkg/local.sqlite", "");
    tree_folder(&t, "var/lib/pacman/local");
    packages_unread(c, t.root, "pkg", &unread);
    CHECK(unread.n == 2);
    CHECK_STR(
        ((char **)unread.items)[0], "xbps (/var/db/xbps/pkgdb-0.38.plist)");
    CHECK_STR(((char **)unread.items)[1],
        "pkg of FreeBSD (/var/db/pkg/local.sqlite)");
    test_call_free(c);
    tree_remove(&t);
}
