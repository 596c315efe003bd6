/* SPDX-License-Identifier: GPL-2.0-or-later */
/* File systems that are part of a Unix system, but not its root. */
#include <config.h>

#include "appliance/agent/guest/tree.h"
#include "appliance/agent/inspect/detect.h"

static bool
all_folders(int root, const char *const *names)
{
    for (; *names; names++) {
        if (!tree_is_dir(root, *names))
            return false;
    }
    return true;
}

static const char *
role(struct call *c, int root)
{
    static const char *const usr[] = {"/bin", "/lib", "/share", NULL};
    static const char *const var[] = {"/log", "/spool", "/lib", NULL};
    static const char *const old_var[] = {"/log", "/run", "/spool", NULL};

    (void)c;
    if (tree_is_file(root, "/grub/menu.lst") ||
        tree_is_file(root, "/grub/grub.conf") ||
        tree_is_file(root, "/grub/grub.cfg") ||
        tree_is_file(root, "/grub2/grub.cfg") ||
        tree_is_dir(root, "/loader/entries"))
        return "boot";
    if (tree_is_dir(root, "/EFI/BOOT") || tree_is_dir(root, "/EFI/boot"))
        return "esp";
    if (all_folders(root, usr) && !tree_is_dir(root, "/etc"))
        return "usr";
    if (all_folders(root, var) || all_folders(root, old_var))
        return "var";
    return NULL;
}

const struct detector parts_detector = {
    .role = role,
};
