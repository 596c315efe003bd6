/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Slackware: a file NAME-VERSION-ARCH-BUILD for each package. */
#include <config.h>

#include <string.h>

#include "appliance/agent/call/memory.h"
#include "appliance/agent/guest/tree.h"
#include "appliance/agent/packages/package.h"
#include "appliance/agent/packages/packages.h"
#include "base/cleanup.h"

/* The last part, cut off; NULL if it is all there is. */
static char *
cut_last(char *name)
{
    char *hyphen = strrchr(name, '-');

    if (!hyphen || hyphen == name)
        return NULL;
    *hyphen = '\0';
    return hyphen + 1;
}

static void
add(struct call *c, const char *file, struct list *packages)
{
    char *name = call_strdup(c, file);
    char *build = cut_last(name);
    char *arch = build ? cut_last(name) : NULL;
    char *version = arch ? cut_last(name) : NULL;

    if (!version)
        return;
    struct mayfly_application2 *p = package_add(c, packages);
    p->app2_name = name;
    p->app2_version = version;
    p->app2_release = build;
    p->app2_arch = arch;
}

static const char *
read_slackware(
    struct call *c, int root, struct list *packages, const char **ret_reason)
{
    static const char *const folders[] = {
        "/var/lib/pkgtools/packages", "/var/log/packages"};
    const char *name;

    for (size_t i = 0; i < N_ELEMENTS(folders); i++) {
        DIR *d = package_folder(c, root, folders[i]);

        while (packages->n < PACKAGES_MAX && (name = package_next(d)))
            add(c, name, packages);
        if (d)
            return folders[i];
    }
    *ret_reason = "cannot read /var/lib/pkgtools/packages";
    return NULL;
}

const struct package_reader slackware_reader = {
    .format = "slackware",
    .read = read_slackware,
};
