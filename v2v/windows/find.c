/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "v2v/windows/windows.h"

/* What ntfs-3g.probe(8) says, see ntfs_3g_probe. */
enum { PROBE_HIBERNATED = 14, PROBE_UNCLEAN = 15 };

static bool
has_hive(struct mayfly *g, const char *name, char **ret_path)
{
    cleanup_free char *path = text_printf("/Windows/System32/config/%s", name);
    bool yes = false;

    return path && mayfly_case_sensitive_path(g, path, ret_path) == 0 &&
           mayfly_is_file(g, *ret_path, NULL, &yes) == 0 && yes;
}

/* What it calls itself; NULL: it does not say. */
static char *
product_name(struct mayfly *g)
{
    static const char *const keys[] = {
        "Microsoft", "Windows NT", "CurrentVersion"};
    cleanup_free char *path = NULL;
    char *name = NULL;
    int64_t node, value;

    if (!has_hive(g, "SOFTWARE", &path) || mayfly_hivex_open(g, path, NULL) < 0)
        return NULL;
    if (mayfly_hivex_root(g, &node) < 0)
        node = 0;
    for (size_t i = 0; node && i < N_ELEMENTS(keys); i++)
        if (mayfly_hivex_node_get_child(g, node, keys[i], &node) < 0)
            node = 0;
    if (node &&
        mayfly_hivex_node_get_value(g, node, "ProductName", &value) == 0 &&
        value && mayfly_hivex_value_string(g, value, &name) < 0)
        name = NULL;
    mayfly_hivex_close(g);
    return name;
}

static void
fill(struct windows_root *ret, char *device, char *product)
{
    static char empty[] = "", type[] = "windows", slash[] = "/",
                ntfs[] = "ntfs", unknown[] = "Windows";

    *ret = (struct windows_root){.product = product};
    ret->mountpoint = (struct mayfly_inspection_mountpoint){
        .mountpoint = slash,
        .mountable = device,
        .type = ntfs,
        .options = empty,
    };
    ret->root = (struct mayfly_inspection_root){
        .root = device,
        .type = type,
        .distro = type,
        .id = empty,
        .version_id = empty,
        .codename = empty,
        .product_name = product ? product : unknown,
        .product_variant = empty,
        .arch = empty,
        .package_format = empty,
        .package_management = empty,
        .hostname = empty,
        .build_id = empty,
        .osinfo = empty,
        .mountpoints = &ret->mountpoint,
        .n_mountpoints = 1,
        .package_source = empty,
    };
}

bool
windows_find(struct mayfly *g, const struct mayfly_inspection *found,
    struct windows_root *ret)
{
    for (uint32_t i = 0; i < found->n_filesystems; i++) {
        char *device = found->filesystems[i].mountable;
        cleanup_free char *path = NULL;

        if (!str_equal(found->filesystems[i].type, "ntfs") ||
            mayfly_mount_ro(g, device, "/") < 0)
            continue;
        bool yes = has_hive(g, "SYSTEM", &path);
        char *product = yes ? product_name(g) : NULL;
        mayfly_umount_all(g);
        if (yes) {
            fill(ret, device, product);
            return true;
        }
    }
    return false;
}

void
windows_root_clear(struct windows_root *root)
{
    free(root->product);
    *root = (struct windows_root){0};
}

int
windows_asleep(struct conversion *c, struct error *err)
{
    const char *device = c->job.root->root;
    int32_t state;

    if (mayfly_ntfs_3g_probe(c->job.g, true, device, &state) < 0)
        return job_fail(&c->job, err);
    switch (state) {
    case 0:
        return 0;
    case PROBE_HIBERNATED:
        return conversion_tell(c, FINDING_BLOCKED, NULL, err,
            "Windows on %s is hibernated, or was shut down for a fast start; "
            "start it and run 'shutdown /s /t 0'",
            device);
    case PROBE_UNCLEAN:
        return conversion_tell(c, FINDING_BLOCKED, NULL, err,
            "Windows on %s was not shut down; start it and run "
            "'shutdown /s /t 0'",
            device);
    default:
        return conversion_tell(c, FINDING_BLOCKED, NULL, err,
            "the file system of Windows on %s cannot be written (%d)", device,
            (int)state);
    }
}
