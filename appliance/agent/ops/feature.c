/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What this build and its appliance can do.
 *
 * A group is there if the program that it needs is in the appliance; a group
 * without a program is there always, or never, as its calls are. */
#include <config.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "appliance/agent/call/call.h"
#include "appliance/agent/call/memory.h"
#include "appliance/agent/program/run.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/file.h"
#include "base/strv.h"
#include "ops-feature.h"

enum { FILESYSTEMS_MAX = 64 << 10 };

static const char always[] = "";

static const struct group {
    const char *name;
    const char *tool; /* NULL: we do not have these calls */
} groups[] = {
    {"acl", always},
    {"augeas", always},
    {"blkdiscard", always},
    {"blkdiscardzeroes", always},
    {"btrfs", "btrfs"},
    {"clevisluks", NULL},
    {"extlinux", "extlinux"},
    {"f2fs", "resize.f2fs"},
    {"fstrim", always},
    {"gdisk", always},
    {"grub", NULL},
    {"hivex", always},
    {"inotify", always},
    {"journal", always},
    {"ldm", NULL},
    {"libtsk", NULL},
    {"libyara", "yara"},
    {"linuxcaps", always},
    {"linuxfsuuid", always},
    {"linuxmodules", "modprobe"},
    {"linuxxattrs", always},
    {"luks", "cryptsetup"},
    {"lvm2", "lvm"},
    {"mdadm", "mdadm"},
    {"mknod", always},
    {"ntfs3g", "ntfs-3g.probe"},
    {"ntfsprogs", "ntfsresize"},
    {"realpath", always},
    {"rsync", "rsync"},
    {"scrub", always},
    {"selinux", NULL},
    {"selinuxrelabel", "setfiles"},
    {"sleuthkit", NULL},
    {"squashfs", "mksquashfs"},
    {"syslinux", "syslinux"},
    {"wipefs", "wipefs"},
    {"xfs", "xfs_admin"},
    {"xz", always},
    {"zerofree", "zerofree"},
};

/* -1 (call failed) if the group is unknown. */
static int
group_there(struct call *c, const char *name)
{
    for (size_t i = 0; i < N_ELEMENTS(groups); i++)
        if (str_equal(name, groups[i].name))
            return groups[i].tool &&
                   (!*groups[i].tool || tool_exists(groups[i].tool));
    return call_error(c, EINVAL, "%s: unknown group", name);
}

int
op_available(struct call *c, const struct api_available_args *args)
{
    for (uint32_t i = 0; i < args->n_groups; i++) {
        int there = group_there(c, args->groups[i]);

        if (there < 0)
            return -1;
        if (!there)
            return call_error(
                c, ENOTSUP, "%s: group not available", args->groups[i]);
    }
    return 0;
}

int
op_feature_available(struct call *c,
    const struct api_feature_available_args *args,
    struct api_feature_available_ret *ret)
{
    ret->value = true;
    for (uint32_t i = 0; i < args->n_groups; i++) {
        int there = group_there(c, args->groups[i]);

        if (there < 0)
            return -1;
        ret->value = ret->value && there;
    }
    return 0;
}

int
op_available_all_groups(struct call *c,
    const struct api_available_all_groups_args *args,
    struct api_available_all_groups_ret *ret)
{
    struct list list = {0};

    (void)args;
    for (size_t i = 0; i < N_ELEMENTS(groups); i++)
        list_add_string(c, &list, groups[i].name);
    ret->value = list.items;
    ret->n_value = list.n;
    return 0;
}

/* "nodev\tproc" or "\text4" */
static int
kernel_knows(struct call *c, const char *type, bool *ret)
{
    char *lines = NULL;
    cleanup_error struct error err = {0};
    cleanup_free char *text =
        read_file("/proc/filesystems", FILESYSTEMS_MAX, NULL, &err);

    if (!text)
        return call_error(c, EIO, "%s", error_text(&err));
    *ret = false;
    for (char *line = strtok_r(call_strdup(c, text), "\n", &lines); line;
         line = strtok_r(NULL, "\n", &lines)) {
        char *tab = strchr(line, '\t');

        *ret = *ret || (tab && str_equal(tab + 1, type));
    }
    return 0;
}

int
op_filesystem_available(struct call *c,
    const struct api_filesystem_available_args *args,
    struct api_filesystem_available_ret *ret)
{
    for (const char *p = args->filesystem; *p; p++)
        if (!strchr("abcdefghijklmnopqrstuvwxyz0123456789_-.", *p))
            return call_error(
                c, EINVAL, "%s: not the name of a type", args->filesystem);
    if (kernel_knows(c, args->filesystem, &ret->value) < 0 || ret->value)
        return call_errno(c) ? -1 : 0;
    if (run_tool(c, NULL, "modprobe", "-q", "--", args->filesystem, NULL) < 0)
        call_forgive(c);
    return kernel_knows(c, args->filesystem, &ret->value);
}
