/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What follows from the name of a distribution: its package manager, and the
 * short id that libosinfo has for a release of it. */
#include <config.h>

#include "appliance/agent/call/memory.h"
#include "appliance/agent/guest/tree.h"
#include "appliance/agent/inspect/system.h"
#include "base/cleanup.h"
#include "base/strv.h"

/* How libosinfo counts releases. */
enum osinfo {
    OSINFO_NONE, /* not there, or not by numbers */
    OSINFO_BARE,
    OSINFO_MAJOR,
    OSINFO_MAJOR_MINOR,
    OSINFO_CENTOS,
    OSINFO_SLES,
    OSINFO_UBUNTU,
    OSINFO_ALT,
};

enum {
    LISTED = 1, /* virt-inspector knows this ID of os-release */
    FILES = 2,  /* its release file says more than its os-release */
};

/* One row a distribution.  A row without an ID is of those that never had an
 * os-release; of several rows with one name the first counts. */
static const struct distro {
    const char *id, *name;
    const char *format, *management;
    enum osinfo osinfo;
    unsigned char flags;
} distros[] = {
    {"almalinux", "almalinux", "rpm", "dnf", OSINFO_MAJOR, 0},
    {"alpine", "alpinelinux", "apk", "apk", OSINFO_MAJOR_MINOR, LISTED},
    {"altlinux", "altlinux", "rpm", "apt", OSINFO_ALT, LISTED},
    {"amzn", "amzn", "rpm", "el", OSINFO_NONE, 0},
    {"arch", "archlinux", "pacman", "pacman", OSINFO_BARE, LISTED},
    {"azurelinux", "azurelinux", "rpm", "dnf", OSINFO_NONE, 0},
    {"", "buildroot", "", "", OSINFO_MAJOR_MINOR, 0},
    {"centos", "centos", "rpm", "el", OSINFO_CENTOS, LISTED},
    {"circle", "circle", "rpm", "el", OSINFO_MAJOR, LISTED},
    {"cirros", "cirros", "", "", OSINFO_MAJOR_MINOR, FILES},
    {"coreos", "coreos", "", "", OSINFO_MAJOR_MINOR, LISTED},
    {"debian", "debian", "deb", "apt", OSINFO_MAJOR, LISTED},
    {"eurolinux", "eurolinux", "rpm", "dnf", OSINFO_MAJOR, 0},
    {"fedora", "fedora", "rpm", "fedora", OSINFO_MAJOR, LISTED},
    {"frugalware", "frugalware", "", "", OSINFO_MAJOR_MINOR, LISTED},
    {"gentoo", "gentoo", "ebuild", "portage", OSINFO_BARE, LISTED},
    {"kali", "kalilinux", "deb", "apt", OSINFO_MAJOR_MINOR, LISTED},
    {"kylin", "kylin", "rpm", "el", OSINFO_MAJOR_MINOR, LISTED},
    {"linuxmint", "linuxmint", "deb", "apt", OSINFO_MAJOR_MINOR, FILES},
    {"mageia", "mageia", "rpm", "urpmi", OSINFO_MAJOR, LISTED},
    {"", "mandriva", "rpm", "urpmi", OSINFO_MAJOR_MINOR, 0},
    {"", "meego", "rpm", "yum", OSINFO_MAJOR_MINOR, 0},
    {"neokylin", "neokylin", "rpm", "dnf", OSINFO_MAJOR_MINOR, LISTED},
    {"ol", "oraclelinux", "rpm", "el", OSINFO_MAJOR_MINOR, FILES},
    {"openEuler", "openeuler", "rpm", "dnf", OSINFO_MAJOR_MINOR, LISTED},
    {"opencloudos", "opencloudos", "rpm", "dnf", OSINFO_MAJOR_MINOR, LISTED},
    {"openmandriva", "openmandriva", "rpm", "dnf", OSINFO_MAJOR_MINOR, LISTED},
    {"opensuse", "opensuse", "rpm", "zypper", OSINFO_MAJOR_MINOR, LISTED},
    {"pardus", "pardus", "pisi", "pisi", OSINFO_MAJOR_MINOR, LISTED},
    {"photon", "photon", "rpm", "dnf", OSINFO_NONE, 0},
    {"pld", "pldlinux", "", "", OSINFO_MAJOR_MINOR, LISTED},
    {"", "redhat-based", "rpm", "el", OSINFO_MAJOR_MINOR, 0},
    {"rhel", "rhel", "rpm", "el", OSINFO_MAJOR_MINOR, LISTED},
    {"rocky", "rocky", "rpm", "el", OSINFO_MAJOR, LISTED},
    {"scientific", "scientificlinux", "rpm", "el", OSINFO_MAJOR_MINOR, FILES},
    {"slackware", "slackware", "slackware", "slackpkg", OSINFO_MAJOR_MINOR,
        FILES},
    {"sles", "sles", "rpm", "zypper", OSINFO_SLES, LISTED},
    {"sled", "sles", "rpm", "zypper", OSINFO_SLES, LISTED},
    {"", "suse-based", "rpm", "zypper", OSINFO_MAJOR_MINOR, 0},
    {"tencentos", "tencentos", "rpm", "dnf", OSINFO_MAJOR_MINOR, LISTED},
    {"", "ttylinux", "", "", OSINFO_MAJOR_MINOR, 0},
    {"ubuntu", "ubuntu", "deb", "apt", OSINFO_UBUNTU, LISTED},
    {"void", "voidlinux", "xbps", "xbps", OSINFO_BARE, LISTED},
};

static const struct distro *
by_id(const char *id)
{
    if (str_after(id, "opensuse-"))
        id = "opensuse";
    for (size_t i = 0; id[0] && i < N_ELEMENTS(distros); i++) {
        if (str_equal(distros[i].id, id))
            return &distros[i];
    }
    return NULL;
}

static const struct distro *
by_name(const char *name)
{
    for (size_t i = 0; i < N_ELEMENTS(distros); i++) {
        if (str_equal(distros[i].name, name))
            return &distros[i];
    }
    return NULL;
}

const char *
distro_name(const char *id)
{
    const struct distro *d = by_id(id);

    return d ? d->name : id;
}

bool
distro_is_listed(const char *id)
{
    const struct distro *d = by_id(id);

    return d && (d->flags & LISTED);
}

bool
distro_has_release_file(const char *id)
{
    const struct distro *d = by_id(id);

    return d && (d->flags & FILES);
}

/* A distribution that is not in the table is like one that is. */
static const struct distro *
like(const struct mayfly_inspection_root *s)
{
    static const struct distro red_hat = {"", "", "rpm", "dnf", OSINFO_NONE, 0};
    static const struct distro suse = {"", "", "rpm", "zypper", OSINFO_NONE, 0};

    for (uint32_t i = 0; i < s->n_id_like; i++) {
        const char *id = s->id_like[i];
        if (str_equal(id, "rhel") || str_equal(id, "fedora") ||
            str_equal(id, "centos"))
            return &red_hat;
        if (str_equal(id, "suse"))
            return &suse;
        if (by_id(id))
            return by_id(id);
    }
    return NULL;
}

static const char *
management(int root, const struct mayfly_inspection_root *s, const char *rule)
{
    int major = s->major_version;

    if (str_equal(rule, "fedora")) {
        if (major >= 22 && tree_is_file(root, "/usr/bin/dnf"))
            return "dnf";
        return major >= 1 ? "yum" : "";
    }
    if (!str_equal(rule, "el"))
        return rule;
    if (str_equal(s->distro, "amzn"))
        return major >= 2022 ? "dnf" : "yum";
    if (major >= 8)
        return "dnf";
    return major >= 5 ? "yum" : major >= 2 ? "up2date" : "";
}

static const struct database {
    const char *path, *format, *management;
} databases[] = {
    {"/var/lib/dpkg/status", "deb", "apt"},
    {"/usr/lib/sysimage/rpm", "rpm", "dnf"},
    {"/var/lib/rpm", "rpm", "dnf"},
    {"/lib/apk/db/installed", "apk", "apk"},
    {"/var/lib/pacman/local", "pacman", "pacman"},
    {"/usr/lib/opkg/status", "opkg", "opkg"},
    {"/var/lib/opkg/status", "opkg", "opkg"},
    {"/var/db/xbps/pkgdb-0.38.plist", "xbps", "xbps"},
};

static bool
is_there(int root, const struct database *d)
{
    return tree_is_file(root, d->path) || tree_is_dir(root, d->path);
}

/* A name can stand for two systems: Kylin is one of rpm for servers, and one
 * of deb for desktops. */
static bool
lacks_database(int root, const char *format)
{
    bool other = false;

    for (size_t i = 0; i < N_ELEMENTS(databases); i++) {
        if (!is_there(root, &databases[i]))
            continue;
        if (str_equal(databases[i].format, format))
            return false;
        other = true;
    }
    return other;
}

/* Without a known name the database itself decides. */
static void
derive_from_database(struct call *c, int root, struct mayfly_inspection_root *s)
{
    for (size_t i = 0; i < N_ELEMENTS(databases); i++) {
        if (!is_there(root, &databases[i]))
            continue;
        s->package_format = call_strdup(c, databases[i].format);
        s->package_management = call_strdup(c, databases[i].management);
        return;
    }
}

/* A release that libosinfo counts in its own way; NULL: in the common one. */
static char *
osinfo_special(
    struct call *c, const struct mayfly_inspection_root *s, enum osinfo how)
{
    int major = s->major_version, minor = s->minor_version;

    switch (how) {
    case OSINFO_NONE:
        return call_strdup(c, "");
    case OSINFO_BARE:
        return call_strdup(c, s->distro);
    case OSINFO_MAJOR:
        /* Older ones of these had a minor number too. */
        if (str_equal(s->distro, "debian") ? major < 4
            : str_equal(s->distro, "fedora") || str_equal(s->distro, "mageia")
                ? false
                : major < 8)
            return NULL;
        return call_printf(c, "%s%d", s->distro, major);
    case OSINFO_CENTOS:
        if (major >= 8)
            return call_printf(c, "centos%d", major);
        return major == 7 ? call_strdup(c, "centos7.0") : NULL;
    case OSINFO_SLES:
        if (minor == 0)
            return call_printf(c, "%s%d", major >= 15 ? "sle" : "sles", major);
        return call_printf(
            c, "%s%dsp%d", major >= 15 ? "sle" : "sles", major, minor);
    case OSINFO_UBUNTU:
        return call_printf(c, "ubuntu%d.%02d", major, minor);
    case OSINFO_ALT:
        if (major >= 8)
            return call_printf(c, "alt%d.%d", major, minor);
        return call_printf(c, "altlinux%d.%d", major, minor);
    case OSINFO_MAJOR_MINOR:
        break;
    }
    return NULL;
}

static char *
osinfo(struct call *c, const struct mayfly_inspection_root *s,
    const struct distro *d)
{
    char *special = osinfo_special(c, s, d ? d->osinfo : OSINFO_NONE);

    if (special)
        return special;
    if (s->major_version == 0 && s->minor_version == 0)
        return call_strdup(c, "");
    return call_printf(
        c, "%s%d.%d", s->distro, s->major_version, s->minor_version);
}

void
distro_derive(struct call *c, int root, struct mayfly_inspection_root *s)
{
    const struct distro *d = by_name(s->distro);
    const struct distro *kin = d ? d : like(s);

    if (kin && !lacks_database(root, kin->format)) {
        s->package_format = call_strdup(c, kin->format);
        s->package_management =
            call_strdup(c, management(root, s, kin->management));
    } else {
        derive_from_database(c, root, s);
    }
    s->osinfo = osinfo(c, s, d);
}
