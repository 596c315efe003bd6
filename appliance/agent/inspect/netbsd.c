/* SPDX-License-Identifier: GPL-2.0-or-later */
/* NetBSD: the first line of /etc/release is "NetBSD 9.3/amd64". */
#include <config.h>

#include <string.h>

#include "appliance/agent/call/memory.h"
#include "appliance/agent/guest/tree.h"
#include "appliance/agent/inspect/detect.h"
#include "appliance/agent/inspect/system.h"

enum { NAME_BYTES = 255, TEXT_BYTES = 4096 };

#define RELEASE "/etc/release"

static const char *
role(struct call *c, int root)
{
    return tree_is_dir(root, "/etc") && tree_is_dir(root, "/bin") &&
                   release_word(c, root, RELEASE, "NetBSD ")
               ? "root"
               : NULL;
}

static void
read_netbsd(struct call *c, int root, struct mayfly_inspection_root *s)
{
    char *version = release_word(c, root, RELEASE, "NetBSD ");

    s->distro = call_strdup(c, "netbsd");
    if (version) {
        s->product_name =
            call_strndup(c, call_printf(c, "NetBSD %s", version), TEXT_BYTES);
        version[strcspn(version, "/")] = '\0';
        s->version_id = call_strndup(c, version, NAME_BYTES);
        release_set_version(s, version);
    }
    s->arch = arch_read(c, root);
    s->hostname = hostname_read_bsd(c, root);
    s->package_format = call_strdup(c, "pkgsrc");
    s->package_management = call_strdup(c, "pkgin");
    release_set_osinfo(c, s);
}

const struct detector netbsd_detector = {
    .role = role,
    .type = "netbsd",
    .read = read_netbsd,
};
