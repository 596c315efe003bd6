/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is installed beside the packages of a Linux: snaps, by the names of
 * their files (NAME_REVISION.snap), and Flatpak's, by those of their folders
 * (app/ID/ARCH/BRANCH). */
#include <config.h>

#include <string.h>

#include "appliance/agent/call/memory.h"
#include "appliance/agent/guest/tree.h"
#include "appliance/agent/packages/package.h"
#include "appliance/agent/packages/packages.h"
#include "base/cleanup.h"
#include "base/strv.h"

#define FLATPAK "/var/lib/flatpak/"

static void
add_snaps(struct call *c, int root, struct list *packages)
{
    DIR *d = package_folder(c, root, "/var/lib/snapd/snaps");
    const char *file;

    while (packages->n < PACKAGES_MAX && (file = package_next(d))) {
        char *name = call_strdup(c, file);
        char *revision = strrchr(name, '_');
        char *end = revision ? strrchr(revision, '.') : NULL;

        if (!end || !str_equal(end, ".snap") || revision == name)
            continue;
        *revision++ = *end = '\0';
        struct mayfly_application2 *p = package_add(c, packages);
        p->app2_name = name;
        p->app2_version = revision;
        p->app2_class = call_strdup(c, "snap");
    }
}

static void
add_branches(struct call *c, int root, const char *id, const char *folder,
    struct list *packages)
{
    DIR *archs = package_folder(c, root, folder);
    const char *arch, *branch;

    while (packages->n < PACKAGES_MAX && (arch = package_next(archs))) {
        const char *path = call_printf(c, "%s/%s", folder, arch);
        DIR *branches = package_folder(c, root, path);

        /* Beside those of architectures there is a link, "current". */
        while (!str_equal(arch, "current") && packages->n < PACKAGES_MAX &&
               (branch = package_next(branches))) {
            if (str_equal(branch, "active"))
                continue;
            struct mayfly_application2 *p = package_add(c, packages);
            p->app2_name = call_strdup(c, id);
            p->app2_version = call_strdup(c, branch);
            p->app2_arch = call_strdup(c, arch);
            p->app2_class = call_strdup(c, "flatpak");
        }
    }
}

static void
add_flatpaks(
    struct call *c, int root, const char *folder, struct list *packages)
{
    DIR *d = package_folder(c, root, folder);
    const char *id;

    while (packages->n < PACKAGES_MAX && (id = package_next(d)))
        add_branches(
            c, root, id, call_printf(c, "%s/%s", folder, id), packages);
}

void
packages_add_bundles(struct call *c, int root, struct list *packages)
{
    add_snaps(c, root, packages);
    add_flatpaks(c, root, FLATPAK "app", packages);
    add_flatpaks(c, root, FLATPAK "runtime", packages);
}
