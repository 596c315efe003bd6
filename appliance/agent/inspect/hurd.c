/* SPDX-License-Identifier: GPL-2.0-or-later */
/* GNU/Hurd: its translators are in /hurd.  The rest is a distribution, such as
 * Debian. */
#include <config.h>

#include "appliance/agent/guest/tree.h"
#include "appliance/agent/inspect/detect.h"
#include "appliance/agent/inspect/system.h"

static const char *
role(struct call *c, int root)
{
    (void)c;
    return tree_is_file(root, "/hurd/null") && tree_is_file(root, "/hurd/init")
               ? "root"
           : tree_is_file(root, "/hurd/console") &&
                   tree_is_file(root, "/hurd/hello") &&
                   tree_is_file(root, "/hurd/null")
               ? "root"
               : NULL;
}

static void
read_hurd(struct call *c, int root, struct mayfly_inspection_root *s)
{
    release_read(c, root, s);
    s->arch = arch_read(c, root);
    s->hostname = hostname_read(c, root);
    distro_derive(c, root, s);
}

const struct detector hurd_detector = {
    .role = role,
    .type = "hurd",
    .read = read_hurd,
};
