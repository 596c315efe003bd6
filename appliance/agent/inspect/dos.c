/* SPDX-License-Identifier: GPL-2.0-or-later */
/* FreeDOS and MS-DOS: they have no file that names the version. */
#include <config.h>

#include "appliance/agent/call/memory.h"
#include "appliance/agent/guest/tree.h"
#include "appliance/agent/inspect/detect.h"

static bool
is_freedos(int root)
{
    return tree_is_file(root, "/FDOS/FREEDOS.BSS");
}

static const char *
role(struct call *c, int root)
{
    (void)c;
    return is_freedos(root) || tree_is_file(root, "/DOS/COMMAND.COM") ? "root"
                                                                      : NULL;
}

static void
read_dos(struct call *c, int root, struct mayfly_inspection_root *s)
{
    bool freedos = is_freedos(root);

    s->distro = call_strdup(c, freedos ? "freedos" : "msdos");
    /* Of 16 and of 32 bits: what runs both. */
    s->arch = call_strdup(c, "i386");
    s->osinfo = call_strdup(c, freedos ? "" : "msdos6.22");
}

const struct detector dos_detector = {
    .role = role,
    .type = "dos",
    .read = read_dos,
};
