/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "appliance/agent/packages/package.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "appliance/agent/call/call.h"
#include "appliance/agent/call/memory.h"
#include "appliance/agent/guest/tree.h"

struct mayfly_application2 *
package_add(struct call *c, struct list *packages)
{
    static char nothing[1];
    struct mayfly_application2 *p =
        list_add(c, packages, struct mayfly_application2);

    *p = (struct mayfly_application2){
        .app2_name = nothing,
        .app2_display_name = nothing,
        .app2_version = nothing,
        .app2_release = nothing,
        .app2_arch = nothing,
        .app2_install_path = nothing,
        .app2_trans_path = nothing,
        .app2_publisher = nothing,
        .app2_url = nothing,
        .app2_source_package = nothing,
        .app2_summary = nothing,
        .app2_description = nothing,
        .app2_class = nothing,
        .app2_licence = nothing,
    };
    return p;
}

bool
package_set_version(struct mayfly_application2 *p, char *version)
{
    char *colon = strchr(version, ':');

    if (colon) {
        char *end;
        errno = 0;
        long epoch = strtol(version, &end, 10);
        if (errno || end != colon || end == version || epoch < 0 ||
            epoch > INT_MAX)
            return false;
        p->app2_epoch = (int32_t)epoch;
        version = colon + 1;
    }
    char *hyphen = strchr(version, '-');
    if (hyphen) {
        *hyphen = '\0';
        p->app2_release = hyphen + 1;
    }
    p->app2_version = version;
    return true;
}

static void
close_directory(void *opaque)
{
    closedir(opaque);
}

DIR *
package_folder(struct call *c, int root, const char *path)
{
    int fd = tree_open(root, path, O_RDONLY | O_DIRECTORY);
    DIR *d = fd < 0 ? NULL : fdopendir(fd);

    if (d)
        call_defer(c, close_directory, d);
    else if (fd >= 0)
        close(fd);
    return d;
}

const char *
package_next(DIR *d)
{
    const struct dirent *e;

    while (d && (e = readdir(d)))
        if (e->d_name[0] != '.')
            return e->d_name;
    return NULL;
}

char *
package_cut_version(char *name)
{
    char *hyphen = NULL;

    for (char *p = name; (p = strchr(p, '-')); p++)
        if (p != name && isdigit((unsigned char)p[1]))
            hyphen = p;
    if (!hyphen)
        return NULL;
    *hyphen = '\0';
    return hyphen + 1;
}
