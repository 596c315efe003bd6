/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The packages of NetBSD (pkgsrc) and OpenBSD: a folder NAME-VERSION for each,
 * with its comment in a file. */
#include <config.h>

#include <string.h>

#include "appliance/agent/call/memory.h"
#include "appliance/agent/guest/tree.h"
#include "appliance/agent/packages/package.h"
#include "appliance/agent/packages/packages.h"
#include "base/cleanup.h"

static char *
first_line(struct call *c, int root, const char *path)
{
    char *text = tree_text(c, root, path);

    return next_line(&text);
}

static void
add(struct call *c, int root, const char *folder, const char *folder_name,
    struct list *packages)
{
    char *name = call_strdup(c, folder_name), *line;
    const char *path = call_printf(c, "%s/%s", folder, folder_name);
    char *version = package_cut_version(name);

    if (!version || !tree_is_dir(root, path))
        return;
    struct mayfly_application2 *p = package_add(c, packages);
    p->app2_name = name;
    p->app2_version = version;
    line = first_line(c, root, call_printf(c, "%s/+COMMENT", path));
    if (!line)
        line = first_line(c, root, call_printf(c, "%s/+DESC", path));
    if (line)
        p->app2_summary = line;
}

static const char *
read_folders(
    struct call *c, int root, struct list *packages, const char **ret_reason)
{
    static const char *const folders[] = {
        "/usr/pkg/pkgdb", "/var/db/pkg", "/opt/pkg/pkgdb"};
    const char *name, *source = NULL;

    for (size_t i = 0; i < N_ELEMENTS(folders); i++) {
        DIR *d = package_folder(c, root, folders[i]);
        uint32_t before = packages->n;

        while (packages->n < PACKAGES_MAX && (name = package_next(d)))
            add(c, root, folders[i], name, packages);
        if (packages->n > before)
            return folders[i];
        source = d && !source ? folders[i] : source;
    }
    if (!source)
        *ret_reason = "cannot read /var/db/pkg";
    return source;
}

const struct package_reader pkgsrc_reader = {
    .format = "pkgsrc",
    .read = read_folders,
};

const struct package_reader openbsd_reader = {
    .format = "pkg_add",
    .read = read_folders,
};
