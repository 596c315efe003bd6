/* SPDX-License-Identifier: GPL-2.0-or-later */
/* apk's list of installed packages: lines of LETTER:VALUE, an empty line
 * after each package (apk-tools, "installed" in its v2 format). */
#include <config.h>

#include "appliance/agent/call/memory.h"
#include "appliance/agent/guest/tree.h"
#include "appliance/agent/packages/package.h"
#include "appliance/agent/packages/packages.h"

static void
add(struct call *c, const struct mayfly_application2 *a, char *version,
    struct list *packages)
{
    if (!a->app2_name || !a->app2_name[0] || !version)
        return;
    struct mayfly_application2 *p = package_add(c, packages);
    p->app2_name = a->app2_name;
    if (a->app2_arch)
        p->app2_arch = a->app2_arch;
    if (a->app2_url)
        p->app2_url = a->app2_url;
    if (a->app2_source_package)
        p->app2_source_package = a->app2_source_package;
    if (a->app2_licence)
        p->app2_licence = a->app2_licence;
    if (a->app2_description)
        p->app2_description = a->app2_description;
    if (!package_set_version(p, version)) {
        packages->n--;
        return;
    }
    /* 1.2-r3: the release is 3. */
    if (p->app2_release[0] == 'r')
        p->app2_release++;
}

static const char *
read_apk(
    struct call *c, int root, struct list *packages, const char **ret_reason)
{
    static const char *const paths[] = {
        "/lib/apk/db/installed", "/usr/lib/apk/db/installed"};
    struct mayfly_application2 a = {0};
    const char *path = paths[0];
    char *text = tree_read(c, root, path, DATABASE_MAX, NULL);
    char *line, *version = NULL;

    if (!text) {
        path = paths[1];
        text = tree_read(c, root, path, DATABASE_MAX, NULL);
    }
    if (!text) {
        *ret_reason = "cannot read /lib/apk/db/installed";
        return NULL;
    }
    while ((line = next_line(&text))) {
        if (!line[0]) {
            add(c, &a, version, packages);
            a = (struct mayfly_application2){0};
            version = NULL;
            continue;
        }
        if (line[1] != ':')
            continue;
        switch (line[0]) {
        case 'P':
            a.app2_name = line + 2;
            break;
        case 'V':
            version = line + 2;
            break;
        case 'A':
            a.app2_arch = line + 2;
            break;
        case 'U':
            a.app2_url = line + 2;
            break;
        case 'T':
            a.app2_description = line + 2;
            break;
        case 'L':
            a.app2_licence = line + 2;
            break;
        case 'o':
            a.app2_source_package = line + 2;
            break;
        }
    }
    add(c, &a, version, packages);
    return path;
}

const struct package_reader apk_reader = {
    .format = "apk",
    .read = read_apk,
};
