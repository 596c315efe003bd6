/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Portage's database: a folder CATEGORY/NAME-VERSION for each package, with a
 * file for each variable of its ebuild (PMS, "VDB"). */
#include <config.h>

#include <string.h>

#include "appliance/agent/call/memory.h"
#include "appliance/agent/guest/tree.h"
#include "appliance/agent/packages/package.h"
#include "appliance/agent/packages/packages.h"

#define DATABASE "/var/db/pkg"

/* The first line of a file of the package; "" if there is none. */
static char *
value(struct call *c, int root, const char *folder, const char *name)
{
    char *text = tree_text(c, root, call_printf(c, "%s/%s", folder, name));
    char *line = next_line(&text);

    return line ? line : call_strdup(c, "");
}

static void
add(struct call *c, int root, const char *category, const char *folder_name,
    struct list *packages)
{
    char *name = call_strdup(c, folder_name);
    char *version = package_cut_version(name);
    const char *folder =
        call_printf(c, "%s/%s/%s", DATABASE, category, folder_name);

    if (!version || !tree_is_dir(root, folder))
        return;
    struct mayfly_application2 *p = package_add(c, packages);
    p->app2_name = call_printf(c, "%s/%s", category, name);
    /* A revision (-r1) is a part of the version. */
    p->app2_version = version;
    p->app2_url = value(c, root, folder, "HOMEPAGE");
    p->app2_description = value(c, root, folder, "DESCRIPTION");
    p->app2_licence = value(c, root, folder, "LICENSE");
}

static const char *
read_portage(
    struct call *c, int root, struct list *packages, const char **ret_reason)
{
    DIR *all = package_folder(c, root, DATABASE);
    const char *category, *name;

    if (!all) {
        *ret_reason = "cannot read " DATABASE;
        return NULL;
    }
    while (packages->n < PACKAGES_MAX && (category = package_next(all))) {
        DIR *d = package_folder(
            c, root, call_printf(c, "%s/%s", DATABASE, category));
        while (packages->n < PACKAGES_MAX && (name = package_next(d)))
            add(c, root, category, name, packages);
    }
    return DATABASE;
}

const struct package_reader portage_reader = {
    .format = "ebuild",
    .read = read_portage,
};
