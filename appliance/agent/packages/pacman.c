/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pacman's database: a folder for each installed package, with a file "desc"
 * in it: a line %KEY%, the lines of its value, an empty line. */
#include <config.h>

#include "appliance/agent/call/memory.h"
#include "appliance/agent/guest/tree.h"
#include "appliance/agent/packages/package.h"
#include "appliance/agent/packages/packages.h"
#include "base/strv.h"

#define LOCAL "/var/lib/pacman/local"

static void
read_desc(struct call *c, char *text, struct list *packages)
{
    struct mayfly_application2 *p = package_add(c, packages);
    char *version = NULL, *line;
    char **value = NULL;

    while ((line = next_line(&text))) {
        if (!line[0]) {
            value = NULL;
        } else if (value) {
            *value = line;
            value = NULL;
        } else if (str_equal(line, "%NAME%")) {
            value = &p->app2_name;
        } else if (str_equal(line, "%VERSION%")) {
            value = &version;
        } else if (str_equal(line, "%BASE%")) {
            value = &p->app2_source_package;
        } else if (str_equal(line, "%DESC%")) {
            value = &p->app2_description;
        } else if (str_equal(line, "%URL%")) {
            value = &p->app2_url;
        } else if (str_equal(line, "%ARCH%")) {
            value = &p->app2_arch;
        } else if (str_equal(line, "%LICENSE%")) {
            value = &p->app2_licence;
        }
    }
    /* Without these the file is damaged. */
    if (!p->app2_name[0] || !p->app2_arch[0] || !version ||
        !package_set_version(p, version) || !p->app2_version[0] ||
        !p->app2_release[0])
        packages->n--;
}

static const char *
read_pacman(
    struct call *c, int root, struct list *packages, const char **ret_reason)
{
    DIR *dir = package_folder(c, root, LOCAL);
    const char *name;

    if (!dir) {
        *ret_reason = "cannot read " LOCAL;
        return NULL;
    }
    while (packages->n < PACKAGES_MAX && (name = package_next(dir))) {
        char *text =
            tree_text(c, root, call_printf(c, "%s/%s/desc", LOCAL, name));
        if (text)
            read_desc(c, text, packages);
    }
    return LOCAL;
}

const struct package_reader pacman_reader = {
    .format = "pacman",
    .read = read_pacman,
};
