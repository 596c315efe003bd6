/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pacman's database: a folder for each installed package, with a file "desc"
 * in it: a line %KEY%, the lines of its value, an empty line. */
#include <config.h>

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include "appliance/agent/call/call.h"
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
        }
    }
    /* Without these the file is damaged. */
    if (!p->app2_name[0] || !p->app2_arch[0] || !version ||
        !package_set_version(p, version) || !p->app2_version[0] ||
        !p->app2_release[0])
        packages->n--;
}

static void
close_directory(void *opaque)
{
    closedir(opaque);
}

static const char *
read_pacman(
    struct call *c, int root, struct list *packages, const char **ret_reason)
{
    int fd = tree_open(root, LOCAL, O_RDONLY | O_DIRECTORY);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    struct dirent *e;

    if (!dir) {
        if (fd >= 0)
            close(fd);
        *ret_reason = "cannot read " LOCAL;
        return NULL;
    }
    call_defer(c, close_directory, dir);
    while ((e = readdir(dir)) && packages->n < PACKAGES_MAX) {
        if (e->d_name[0] == '.')
            continue;
        char *text =
            tree_text(c, root, call_printf(c, "%s/%s/desc", LOCAL, e->d_name));
        if (text)
            read_desc(c, text, packages);
    }
    return LOCAL;
}

const struct package_reader pacman_reader = {
    .format = "pacman",
    .read = read_pacman,
};
