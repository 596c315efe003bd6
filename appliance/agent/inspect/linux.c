/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The root of a Linux system. */
#include <config.h>

#include "appliance/agent/guest/tree.h"
#include "appliance/agent/inspect/detect.h"
#include "appliance/agent/inspect/system.h"
#include "base/strv.h"

static const char *
role(struct call *c, int root)
{
    const char *bin;

    if (!tree_is_dir(root, "/etc"))
        return NULL;
    if (!tree_is_dir(root, "/bin")) {
        /* /usr may be elsewhere. */
        bin = tree_link(c, root, "/bin");
        if (!bin || (!str_equal(bin, "usr/bin") && !str_equal(bin, "/usr/bin")))
            return NULL;
    }
    if (!tree_is_file(root, "/etc/fstab") &&
        !tree_is_file(root, "/etc/hosts") &&
        !tree_is_file(root, "/etc/os-release") &&
        !tree_link(c, root, "/etc/os-release"))
        return NULL;
    return "root";
}

static void
read_linux(struct call *c, int root, struct mayfly_inspection_root *s)
{
    release_read(c, root, s);
    s->arch = arch_read(c, root);
    s->hostname = hostname_read(c, root);
    distro_derive(c, root, s);
}

const struct detector linux_detector = {
    .role = role,
    .type = "linux",
    .read = read_linux,
};
