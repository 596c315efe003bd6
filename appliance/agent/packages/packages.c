/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "appliance/agent/packages/packages.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "appliance/agent/call/memory.h"
#include "appliance/agent/guest/tree.h"
#include "appliance/agent/packages/package.h"
#include "base/cleanup.h"
#include "base/strv.h"

static const struct package_reader *const readers[] = {
    &dpkg_reader,
    &rpm_reader,
    &apk_reader,
    &pacman_reader,
    &opkg_reader,
    &portage_reader,
    &xbps_reader,
    &pkgsrc_reader,
    &openbsd_reader,
    &slackware_reader,
    &windows_reader,
};

static int
compare(const void *a, const void *b)
{
    const struct mayfly_application2 *p = a, *q = b;
    int order = strcmp(p->app2_name, q->app2_name);

    if (!order)
        order = strcmp(p->app2_arch, q->app2_arch);
    if (!order)
        order = strcmp(p->app2_version, q->app2_version);
    return order ? order : strcmp(p->app2_release, q->app2_release);
}

static size_t
cut(char *s, size_t max)
{
    size_t n = strnlen(s, max + 1);

    if (n > max) {
        s[max] = '\0';
        n = max;
    }
    return n + 4;
}

/* Make it fit the definition; returns its size on the wire. */
static size_t
bound(struct mayfly_application2 *p)
{
    return cut(p->app2_name, PACKAGE_NAME_MAX) +
           cut(p->app2_arch, PACKAGE_NAME_MAX) +
           cut(p->app2_version, PACKAGE_TEXT_MAX) +
           cut(p->app2_release, PACKAGE_TEXT_MAX) +
           cut(p->app2_url, PACKAGE_TEXT_MAX) +
           cut(p->app2_source_package, PACKAGE_TEXT_MAX) +
           cut(p->app2_summary, PACKAGE_TEXT_MAX) +
           cut(p->app2_description, PACKAGE_TEXT_MAX) +
           cut(p->app2_display_name, PACKAGE_TEXT_MAX) +
           cut(p->app2_install_path, PACKAGE_TEXT_MAX) +
           cut(p->app2_licence, PACKAGE_TEXT_MAX) +
           cut(p->app2_publisher, PACKAGE_TEXT_MAX) + 3 * sizeof(uint32_t);
}

static const struct database {
    const char *path, *format, *name;
    bool folder; /* with something in it */
} databases[] = {
    {"/var/lib/dpkg/status", "deb", "dpkg", false},
    {"/usr/lib/sysimage/rpm/rpmdb.sqlite", "rpm", "rpm", false},
    {"/var/lib/rpm/rpmdb.sqlite", "rpm", "rpm", false},
    {"/var/lib/rpm/Packages", "rpm", "rpm", false},
    {"/lib/apk/db/installed", "apk", "apk", false},
    {"/var/lib/pacman/local", "pacman", "pacman", true},
    {"/usr/lib/opkg/status", "opkg", "opkg", false},
    {"/var/lib/opkg/status", "opkg", "opkg", false},
    {"/var/db/xbps/pkgdb-0.38.plist", "xbps", "xbps", false},
    {"/var/lib/pkgtools/packages", "slackware", "Slackware", true},
    {"/var/db/pkg/local.sqlite", "pkg", "pkg of FreeBSD", false},
    {"/var/lib/pisi/package", "pisi", "PiSi", true},
    {"/var/lib/eopkg/package", "eopkg", "eopkg", true},
    {"/nix/var/nix/db/db.sqlite", "nix", "Nix", false},
    {"/var/guix/db/db.sqlite", "guix", "Guix", false},
    {"/home/linuxbrew/.linuxbrew/Cellar", "brew", "Homebrew", true},
    {"/usr/local/Cellar", "brew", "Homebrew", true},
};

void
packages_unread(struct call *c, int root, const char *format, struct list *ret)
{
    for (size_t i = 0; i < N_ELEMENTS(databases); i++) {
        const struct database *d = &databases[i];
        bool readable = false;

        for (size_t k = 0; k < N_ELEMENTS(readers); k++)
            readable |= str_equal(readers[k]->format, d->format);
        if ((readable && str_equal(d->format, format)) ||
            (d->folder ? !package_next(package_folder(c, root, d->path))
                       : !tree_is_file(root, d->path)))
            continue;
        list_add_string(c, ret, call_printf(c, "%s (%s)", d->name, d->path));
    }
}

const char *
packages_read(struct call *c, int root, const char *format,
    struct list *packages, const char **ret_reason)
{
    const struct package_reader *reader = NULL;

    *ret_reason = NULL;
    for (size_t i = 0; i < N_ELEMENTS(readers); i++) {
        if (str_equal(readers[i]->format, format))
            reader = readers[i];
    }
    if (!reader && !str_equal(format, ""))
        return NULL;
    const char *source =
        reader ? reader->read(c, root, packages, ret_reason) : NULL;
    if (reader != &windows_reader)
        packages_add_bundles(c, root, packages);
    struct mayfly_application2 *p = packages->items;
    size_t size = 0;
    for (uint32_t i = 0; i < packages->n; i++) {
        size += bound(&p[i]);
        if (size > PACKAGES_TEXT || i == PACKAGES_MAX) {
            packages->n = i;
            *ret_reason = "there are too many packages: some are left out";
            break;
        }
    }
    if (packages->n > 1)
        qsort(p, packages->n, sizeof *p, compare);
    return source;
}
