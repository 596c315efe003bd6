/* SPDX-License-Identifier: GPL-2.0-or-later */
/* OpenBSD.  It has no file of its version only: the message of the day begins
 * with "OpenBSD 7.5 (GENERIC.MP) #82", written by each boot; until the first
 * one it is a question mark, and the signature keys say which version. */
#include <config.h>

#include <stdio.h>

#include "appliance/agent/call/memory.h"
#include "appliance/agent/guest/tree.h"
#include "appliance/agent/inspect/detect.h"
#include "appliance/agent/inspect/system.h"

enum { NAME_BYTES = 255, TEXT_BYTES = 4096 };

static const char *
role(struct call *c, int root)
{
    (void)c;
    return tree_is_dir(root, "/etc") && tree_is_dir(root, "/bin") &&
                   (tree_is_file(root, "/bsd") ||
                       tree_is_file(root, "/bsd.rd")) &&
                   (tree_is_file(root, "/etc/fstab") ||
                       tree_is_file(root, "/etc/myname") ||
                       tree_is_file(root, "/etc/motd"))
               ? "root"
               : NULL;
}

/* /etc/signify/openbsd-75-base.pub: a release has its own key, and that of the
 * next one. */
static char *
version_of_keys(struct call *c, int root)
{
    enum { OLDEST = 55, NEWEST = 199 };
    int last = 0, before = 0;

    for (int v = OLDEST; v <= NEWEST; v++) {
        char path[64];

        snprintf(path, sizeof path, "/etc/signify/openbsd-%d-base.pub", v);
        if (!tree_is_file(root, path))
            continue;
        before = last;
        last = v;
    }
    int version = before ? before : last;
    return version ? call_printf(c, "%d.%d", version / 10, version % 10) : NULL;
}

static char *
version_of_motd(struct call *c, int root)
{
    char *version = release_word(c, root, "/etc/motd", "OpenBSD ");

    return version && version[0] >= '0' && version[0] <= '9' ? version : NULL;
}

static void
read_openbsd(struct call *c, int root, struct mayfly_inspection_root *s)
{
    char *version = version_of_motd(c, root);

    if (!version)
        version = version_of_keys(c, root);
    s->distro = call_strdup(c, "openbsd");
    s->product_name = call_strdup(c, "OpenBSD");
    if (version) {
        s->product_name =
            call_strndup(c, call_printf(c, "OpenBSD %s", version), TEXT_BYTES);
        s->version_id = call_strndup(c, version, NAME_BYTES);
        release_set_version(s, version);
    }
    s->arch = arch_read(c, root);
    s->hostname = hostname_read_bsd(c, root);
    s->package_format = call_strdup(c, "pkg_add");
    s->package_management = call_strdup(c, "pkg_add");
    release_set_osinfo(c, s);
}

const struct detector openbsd_detector = {
    .role = role,
    .type = "openbsd",
    .read = read_openbsd,
};
