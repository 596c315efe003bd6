/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The folder of Windows is known by what is in it. */
#include <config.h>

#include "appliance/agent/guest/windows.h"

#include <string.h>

#include "appliance/agent/call/memory.h"
#include "appliance/agent/guest/tree.h"
#include "base/cleanup.h"
#include "base/strv.h"

/* A folder on another disk, where programs were installed to, has no such
 * files. */
static bool
is_systemroot(struct call *c, int root, const char *path)
{
    char *config =
        tree_nocase(c, root, call_printf(c, "%s/system32/config", path));
    char *shell =
        tree_nocase(c, root, call_printf(c, "%s/system32/cmd.exe", path));

    return config && shell && tree_is_dir(root, config) &&
           tree_is_file(root, shell);
}

/* The path in a line of boot.ini of NT 4 to 2003,
 *     multi(0)disk(0)rdisk(0)partition(1)\WINNT="..." /switches
 * cut in place; NULL if it is none. */
static char *
boot_ini_path(char *line)
{
    char *path, *end;

    if (!str_after(line, "multi(") && !str_after(line, "scsi("))
        return NULL;
    path = strstr(line, "partition(");
    path = path ? strchr(path, '\\') : NULL;
    end = path ? strchr(path, '=') : NULL;
    if (!end)
        return NULL;
    *end = '\0';
    for (char *p = path; *p; p++)
        if (*p == '\\')
            *p = '/';
    return path;
}

/* The disk that it names is not looked at: it counts disks as the firmware
 * did.  Nearly always it is this one. */
static char *
systemroot_of_boot_ini(struct call *c, int root)
{
    char *file = tree_nocase(c, root, "/boot.ini");
    char *text = file ? tree_text(c, root, file) : NULL, *line;
    bool inside = false;

    while ((line = next_line(&text))) {
        if (line[0] == '[')
            inside = strncasecmp(line, "[operating systems]", 19) == 0;
        char *path = inside ? boot_ini_path(line) : NULL;
        if (path && is_systemroot(c, root, path))
            return tree_nocase(c, root, path);
    }
    return NULL;
}

char *
windows_systemroot(struct call *c, int root)
{
    static const char *const usual[] = {
        "/windows", "/winnt", "/win32", "/win", "/reactos"};

    for (size_t i = 0; i < N_ELEMENTS(usual); i++) {
        char *path = tree_nocase(c, root, usual[i]);
        if (path && is_systemroot(c, root, path))
            return path;
    }
    return systemroot_of_boot_ini(c, root);
}

char *
windows_hive(struct call *c, int root, const char *systemroot, const char *name)
{
    char *path = tree_nocase(
        c, root, call_printf(c, "%s/system32/config/%s", systemroot, name));

    return path && tree_is_file(root, path) ? path : NULL;
}
