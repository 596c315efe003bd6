/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is read from a system: release, package manager, host name,
 * architecture, logo. */
#include <config.h>

#include "appliance/agent/inspect/system.h"
#include "tests/unit/call.h"
#include "tests/unit/test.h"
#include "tests/unit/tree.h"

struct scene {
    struct test_tree t;
    struct call *c;
    struct mayfly_inspection_root s;
};

static void
begin(struct scene *x)
{
    tree_make(&x->t);
    x->c = test_call_new();
    system_init(&x->s);
}

static void
end(struct scene *x)
{
    test_call_free(x->c);
    tree_remove(&x->t);
}

static void
look(struct scene *x)
{
    release_read(x->c, x->t.root, &x->s);
    distro_derive(x->c, x->t.root, &x->s);
}

static void
check(const struct scene *x, const char *distro, const char *product, int major,
    int minor, const char *format, const char *management, const char *osinfo)
{
    CHECK_STR(x->s.distro, distro);
    CHECK_STR(x->s.product_name, product);
    CHECK(x->s.major_version == major);
    CHECK(x->s.minor_version == minor);
    CHECK_STR(x->s.package_format, format);
    CHECK_STR(x->s.package_management, management);
    CHECK_STR(x->s.osinfo, osinfo);
}

/* One system: its files (path, text, ...), and what it must give. */
static const struct {
    const char *files[8];
    const char *distro, *product;
    int major, minor;
    const char *format, *management, *osinfo;
} systems[] = {
    /* The minor version of Debian is not in os-release. */
    {{"etc/os-release",
         "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\n"
         "NAME=\"Debian GNU/Linux\"\nVERSION_ID=\"12\"\n"
         "VERSION_CODENAME=bookworm\nID=debian\n",
         "etc/debian_version", "12.5\n"},
        "debian", "12.5", 12, 5, "deb", "apt", "debian12"},
    {{"etc/os-release",
         "PRETTY_NAME=\"Debian GNU/Linux trixie/sid\"\n"
         "ID=debian\n",
         "etc/debian_version", "trixie/sid\n"},
        "debian", "trixie/sid", 0, 0, "deb", "apt", ""},
    {{"etc/os-release",
         "NAME=\"Ubuntu\"\nVERSION_ID=\"22.04\"\nID=ubuntu\n"
         "ID_LIKE=debian\nPRETTY_NAME=\"Ubuntu 22.04.3 LTS\"\n",
         "etc/debian_version", "bookworm/sid\n"},
        "ubuntu", "Ubuntu 22.04.3 LTS", 22, 4, "deb", "apt", "ubuntu22.04"},
    {{"etc/lsb-release", "DISTRIB_ID=Ubuntu\nDISTRIB_RELEASE=10.10\n"
                         "DISTRIB_DESCRIPTION=\"Ubuntu 10.10 (Phony)\"\n"},
        "ubuntu", "Ubuntu 10.10 (Phony)", 10, 10, "deb", "apt", "ubuntu10.10"},
    {{"etc/redhat-release", "Fedora release 14 (Phony)\n"}, "fedora",
        "Fedora release 14 (Phony)", 14, 0, "rpm", "yum", "fedora14"},
    {{"etc/os-release",
         "ID=fedora\nVERSION_ID=40\n"
         "PRETTY_NAME=\"Fedora Linux 40 (Server)\"\n",
         "usr/bin/dnf", "x"},
        "fedora", "Fedora Linux 40 (Server)", 40, 0, "rpm", "dnf", "fedora40"},
    {{"etc/redhat-release", "Red Hat Enterprise Linux AS release 4 (Nahant "
                            "Update 8)\n"},
        "rhel", "Red Hat Enterprise Linux AS release 4 (Nahant Update 8)", 4, 8,
        "rpm", "up2date", "rhel4.8"},
    {{"etc/redhat-release", "Red Hat Enterprise Linux Server release 6.10 "
                            "(Santiago)\n"},
        "rhel", "Red Hat Enterprise Linux Server release 6.10 (Santiago)", 6,
        10, "rpm", "yum", "rhel6.10"},
    /* CentOS has no minor number in os-release. */
    {{"etc/os-release",
         "ID=\"centos\"\nVERSION_ID=\"7\"\n"
         "PRETTY_NAME=\"CentOS Linux 7 (Core)\"\n",
         "etc/centos-release", "CentOS Linux release 7.9.2009 (Core)\n"},
        "centos", "CentOS Linux release 7.9.2009 (Core)", 7, 9, "rpm", "yum",
        "centos7.0"},
    {{"etc/os-release", "ID=\"rocky\"\nVERSION_ID=\"9.3\"\n"
                        "PRETTY_NAME=\"Rocky Linux 9.3 (Blue Onyx)\"\n"},
        "rocky", "Rocky Linux 9.3 (Blue Onyx)", 9, 3, "rpm", "dnf", "rocky9"},
    /* Not known to virt-inspector: the ID is kept. */
    {{"etc/os-release",
         "ID=\"almalinux\"\nID_LIKE=\"rhel centos fedora\"\n"
         "VERSION_ID=\"9.3\"\n"
         "PRETTY_NAME=\"AlmaLinux 9.3 (Shamrock)\"\n",
         "etc/redhat-release", "AlmaLinux release 9.3 (Shamrock)\n"},
        "almalinux", "AlmaLinux 9.3 (Shamrock)", 9, 3, "rpm", "dnf",
        "almalinux9"},
    {{"etc/os-release",
         "ID=neon\nID_LIKE=\"ubuntu debian\"\n"
         "VERSION_ID=\"22.04\"\n"
         "PRETTY_NAME=\"KDE neon 6.0\"\n",
         "etc/debian_version", "bookworm/sid\n"},
        "neon", "KDE neon 6.0", 22, 4, "deb", "apt", ""},
    {{"etc/os-release", "ID=nowhere\nPRETTY_NAME=Nowhere\n",
         "lib/apk/db/installed", ""},
        "nowhere", "Nowhere", 0, 0, "apk", "apk", ""},
    {{"etc/os-release",
         "ID=linuxmint\nID_LIKE=\"ubuntu debian\"\n"
         "VERSION_ID=\"21.2\"\n"
         "PRETTY_NAME=\"Linux Mint 21.2\"\n",
         "etc/lsb-release",
         "DISTRIB_ID=LinuxMint\nDISTRIB_RELEASE=21.2\n"
         "DISTRIB_DESCRIPTION=\"Linux Mint 21.2 Vic\"\n"},
        "linuxmint", "Linux Mint 21.2 Vic", 21, 2, "deb", "apt",
        "linuxmint21.2"},
    {{"etc/os-release",
         "ID=\"ol\"\nVERSION_ID=\"9.3\"\nID_LIKE=\"fedora\"\n"
         "PRETTY_NAME=\"Oracle Linux Server 9.3\"\n",
         "etc/oracle-release", "Oracle Linux Server release 9.3\n",
         "etc/redhat-release", "Red Hat Enterprise Linux release 9.3\n"},
        "oraclelinux", "Oracle Linux Server release 9.3", 9, 3, "rpm", "dnf",
        "oraclelinux9.3"},
    {{"etc/os-release", "NAME=\"Arch Linux\"\nPRETTY_NAME=\"Arch Linux\"\n"
                        "ID=arch\nBUILD_ID=rolling\n"},
        "archlinux", "Arch Linux", 0, 0, "pacman", "pacman", "archlinux"},
    {{"etc/arch-release", ""}, "archlinux", "", 0, 0, "pacman", "pacman",
        "archlinux"},
    {{"etc/os-release", "NAME='Alpine Linux'\nID=alpine\nVERSION_ID=3.19.1\n"
                        "PRETTY_NAME='Alpine Linux v3.19'\n"},
        "alpinelinux", "Alpine Linux v3.19", 3, 19, "apk", "apk",
        "alpinelinux3.19"},
    {{"etc/os-release", "NAME=\"SLES\"\nID=\"sles\"\nID_LIKE=\"suse\"\n"
                        "VERSION_ID=\"15.5\"\nPRETTY_NAME=\"SUSE Linux "
                        "Enterprise Server 15 SP5\"\n"},
        "sles", "SUSE Linux Enterprise Server 15 SP5", 15, 5, "rpm", "zypper",
        "sle15sp5"},
    {{"etc/SuSE-release", "SUSE Linux Enterprise Server 11 (x86_64)\n"
                          "VERSION = 11\nPATCHLEVEL = 3\n"},
        "sles", "SUSE Linux Enterprise Server 11 (x86_64)", 11, 3, "rpm",
        "zypper", "sles11sp3"},
    {{"etc/os-release", "ID=\"opensuse-leap\"\nVERSION_ID=\"15.5\"\n"
                        "PRETTY_NAME=\"openSUSE Leap 15.5\"\n"},
        "opensuse", "openSUSE Leap 15.5", 15, 5, "rpm", "zypper",
        "opensuse15.5"},
    {{"etc/os-release", "ID=neokylin\nVERSION_ID=V7Update6\n"
                        "PRETTY_NAME=\"NeoKylin 7.6\"\n"},
        "neokylin", "NeoKylin 7.6", 7, 6, "rpm", "dnf", "neokylin7.6"},
    /* One name, two systems. */
    {{"etc/os-release",
         "ID=kylin\nID_LIKE=debian\nVERSION_ID=\"v10\"\n"
         "PRETTY_NAME=\"Kylin V10 SP1\"\n",
         "var/lib/dpkg/status", "Package: x\n", "usr/lib/rpm/rpmrc", ""},
        "kylin", "Kylin V10 SP1", 10, 0, "deb", "apt", "kylin10.0"},
    {{"etc/os-release",
         "ID=kylin\nVERSION_ID=\"V10\"\n"
         "PRETTY_NAME=\"Kylin Linux Advanced Server V10\"\n",
         "var/lib/rpm/rpmdb.sqlite", "", "var/lib/dpkg/status", "none\n"},
        "kylin", "Kylin Linux Advanced Server V10", 10, 0, "rpm", "dnf",
        "kylin10.0"},
    {{"etc/slackware-version", "Slackware 15.0\n"}, "slackware",
        "Slackware 15.0", 15, 0, "slackware", "slackpkg", "slackware15.0"},
    {{"etc/redhat-release", "Something release 3.4\n"}, "redhat-based",
        "Something release 3.4", 3, 4, "rpm", "up2date", "redhat-based3.4"},
    /* os-release may be only below /usr. */
    {{"usr/lib/os-release", "ID=gentoo\nPRETTY_NAME=Gentoo\n"}, "gentoo",
        "Gentoo", 0, 0, "ebuild", "portage", "gentoo"},
    {{"etc/nothing", ""}, "", "", 0, 0, "", "", ""},
    /* A number that is too large is ignored. */
    {{"etc/debian_version", "99999999999999999999.1\n"}, "debian",
        "99999999999999999999.1", 0, 1, "deb", "apt", "debian0.1"},
};

TEST(releases)
{
    for (size_t i = 0; i < N_ELEMENTS(systems); i++) {
        struct scene x;
        begin(&x);
        for (const char *const *f = systems[i].files; *f; f += 2)
            tree_file(&x.t, f[0], f[1]);
        look(&x);
        fprintf(stderr, "# %s\n", systems[i].product);
        check(&x, systems[i].distro, systems[i].product, systems[i].major,
            systems[i].minor, systems[i].format, systems[i].management,
            systems[i].osinfo);
        end(&x);
    }
}

TEST(os_release_is_kept)
{
    struct scene x;

    begin(&x);
    tree_file(&x.t, "etc/os-release",
        "# comment\n"
        "ID=neon\n"
        "ID_LIKE=\"ubuntu  debian\"\n"
        "VERSION_ID='22.04'\n"
        "VERSION_CODENAME=jammy\r\n"
        "BUILD_ID=2024\n"
        "no equals sign\n"
        "PRETTY_NAME=\"a \\\"b\\\" \\$c \\d\"\n");
    look(&x);
    CHECK_STR(x.s.id, "neon");
    CHECK(x.s.n_id_like == 2);
    CHECK_STR(x.s.id_like[0], "ubuntu");
    CHECK_STR(x.s.id_like[1], "debian");
    CHECK_STR(x.s.version_id, "22.04");
    CHECK_STR(x.s.codename, "jammy");
    CHECK_STR(x.s.build_id, "2024");
    CHECK_STR(x.s.product_name, "a \"b\" $c \\d");
    end(&x);
}

TEST(hostname)
{
    struct scene x;

    begin(&x);
    tree_folder(&x.t, "etc/sysconfig");
    CHECK_STR(hostname_read(x.c, x.t.root), "");
    tree_file(&x.t, "etc/rc.conf", "#HOSTNAME=no\nHOSTNAME=\"void\" # x\n");
    CHECK_STR(hostname_read(x.c, x.t.root), "void");
    tree_folder(&x.t, "etc/conf.d");
    tree_file(&x.t, "etc/conf.d/hostname", "# OpenRC\nhostname=\"gen\"\n");
    CHECK_STR(hostname_read(x.c, x.t.root), "gen");
    tree_file(&x.t, "etc/sysconfig/network",
        "NETWORKING=yes\n#HOSTNAME=no\nHOSTNAME=\"old.example\"\n");
    CHECK_STR(hostname_read(x.c, x.t.root), "old.example");
    tree_file(&x.t, "etc/hostname", "# mine\n\nnew.example\n");
    CHECK_STR(hostname_read(x.c, x.t.root), "new.example");
    tree_file(&x.t, "etc/hostname", " # mine\r\n \n\t new.example  \r\n");
    CHECK_STR(hostname_read(x.c, x.t.root), "new.example");
    tree_file(&x.t, "etc/HOSTNAME", "suse\n");
    CHECK_STR(hostname_read(x.c, x.t.root), "suse");
    end(&x);
}

static void
elf(struct scene *x, const char *path, int wide, int big, int machine)
{
    unsigned char head[64] = {0x7f, 'E', 'L', 'F', (unsigned char)(1 + wide),
        (unsigned char)(1 + big), 1};

    head[16 + (big ? 1 : 0)] = 3;
    head[18 + (big ? 1 : 0)] = (unsigned char)machine;
    head[18 + (big ? 0 : 1)] = (unsigned char)(machine >> 8);
    tree_bytes(&x->t, path, head, sizeof head);
}

TEST(architecture)
{
    static const struct {
        int wide, big, machine;
        const char *name;
    } files[] = {
        {0, 0, 3, "i386"},
        {1, 0, 62, "x86_64"},
        {0, 0, 62, "x86_64"},
        {1, 1, 21, "ppc64"},
        {1, 0, 21, "ppc64le"},
        {1, 0, 183, "aarch64"},
        {0, 0, 40, "arm"},
        {0, 1, 22, "s390"},
        {1, 1, 22, "s390x"},
        {1, 0, 243, "riscv64"},
        {1, 0, 258, "loongarch64"},
        {1, 0, 4711, "elf4711"},
    };
    struct scene x;
    const char *reason = NULL;

    begin(&x);
    CHECK_STR(arch_read(x.c, x.t.root), "");
    for (size_t i = 0; i < N_ELEMENTS(files); i++) {
        elf(&x, "usr/bin/ls", files[i].wide, files[i].big, files[i].machine);
        CHECK_STR(
            arch_of_file(x.c, x.t.root, "/usr/bin/ls", &reason), files[i].name);
    }
    elf(&x, "usr/bin/ls", 1, 0, 62);
    CHECK(symlinkat("usr/bin", x.t.root, "bin") == 0);
    tree_file(&x.t, "usr/bin/bash", "#!/bin/sh\n");
    CHECK_STR(arch_read(x.c, x.t.root), "x86_64");
    CHECK(!arch_of_file(x.c, x.t.root, "/usr/bin/bash", &reason));
    CHECK_STR(reason, "unknown architecture");
    CHECK(!arch_of_file(x.c, x.t.root, "/none", &reason));
    CHECK_STR(reason, "No such file or directory");
    CHECK(!arch_of_file(x.c, x.t.root, "/usr", &reason));
    CHECK_STR(reason, "not a regular file");
    tree_file(&x.t, "short", "\177ELF");
    CHECK(!arch_of_file(x.c, x.t.root, "/short", &reason));
    tree_bytes(&x.t, "pe", "MZ", 2);
    CHECK(!arch_of_file(x.c, x.t.root, "/pe", &reason));
    unsigned char pe[256] = {'M', 'Z'};
    pe[0x3c] = 0x80;
    memcpy(pe + 0x80, "PE\0\0\x64\x86", 6);
    tree_bytes(&x.t, "pe", pe, sizeof pe);
    CHECK_STR(arch_of_file(x.c, x.t.root, "/pe", &reason), "x86_64");
    pe[0x3f] = 0xff;
    tree_bytes(&x.t, "pe", pe, sizeof pe);
    CHECK(!arch_of_file(x.c, x.t.root, "/pe", &reason));
    end(&x);
}

/* One file of a "newc" archive. */
static size_t
cpio(char *to, const char *name, const void *data, size_t size)
{
    size_t n = (size_t)sprintf(to,
        "070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x", 1u,
        0100755u, 0u, 0u, 1u, 0u, (unsigned)size, 0u, 0u, 0u, 0u,
        (unsigned)strlen(name) + 1, 0u);

    memcpy(to + n, name, strlen(name) + 1);
    n += strlen(name) + 1;
    while (n % 4)
        to[n++] = '\0';
    memcpy(to + n, data, size);
    n += size;
    while (n % 4)
        to[n++] = '\0';
    return n;
}

TEST(architecture_of_initramfs)
{
    static char image[65536];
    unsigned char head[64] = {0x7f, 'E', 'L', 'F', 2, 1, 1};
    struct scene x;
    const char *reason;
    size_t n;

    head[16] = 3;
    head[18] = 183;
    begin(&x);
    /* The first segment holds microcode. */
    n = cpio(image, "kernel/x86/microcode/GenuineIntel.bin", "abcd", 4);
    n += cpio(image + n, "TRAILER!!!", "", 0);
    n = (n + 511) / 512 * 512;
    n += cpio(image + n, "usr/bin/ls", head, sizeof head);
    n += cpio(image + n, "TRAILER!!!", "", 0);
    tree_bytes(&x.t, "initrd", image, n);
    char *arch = arch_of_file(x.c, x.t.root, "/initrd", &reason);
    CHECK_STR(arch, "aarch64");
    end(&x);
}

TEST(icon)
{
    static unsigned char png[2000] = "\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
    struct scene x;
    uint32_t n;

    begin(&x);
    png[19] = 32;
    png[23] = 32;
    x.s.distro = call_strdup(x.c, "debian");
    CHECK(!icon_read(x.c, x.t.root, &x.s, true, false, &n) && n == 0);
    tree_bytes(&x.t, "usr/share/pixmaps/debian-logo.png", png, sizeof png);
    CHECK(icon_read(x.c, x.t.root, &x.s, true, false, &n));
    CHECK(n == sizeof png);
    /* Not a sensible size. */
    png[18] = 8;
    tree_bytes(&x.t, "usr/share/pixmaps/debian-logo.png", png, sizeof png);
    CHECK(!icon_read(x.c, x.t.root, &x.s, true, false, &n));
    png[18] = 0;
    tree_bytes(&x.t, "etc/favicon.png", png, 100);
    CHECK(icon_read(x.c, x.t.root, &x.s, true, false, &n) && n == 100);
    CHECK(!icon_read(x.c, x.t.root, &x.s, false, false, &n));
    end(&x);
}
