/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Windows, from NT 4 on: known by its folder, described by its registry.
 *
 * Which values say what: learn.microsoft.com on
 * HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion and HKLM\SYSTEM\Select,
 * and what libguestfs takes from there, whose names the results bear. */
#include <config.h>

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "appliance/agent/call/memory.h"
#include "appliance/agent/guest/registry.h"
#include "appliance/agent/guest/tree.h"
#include "appliance/agent/guest/windows.h"
#include "appliance/agent/inspect/detect.h"
#include "appliance/agent/inspect/system.h"
#include "base/cleanup.h"

enum { TEXT_MAX = 4096, NAME_MAX_BYTES = 255 };

static const char *
role(struct call *c, int root)
{
    return windows_systemroot(c, root) ? "root" : NULL;
}

/* --- what it is --- */

static char *
text_or_nothing(struct call *c, hive_h *h, hive_node_h node, const char *key)
{
    char *text = registry_text(c, h, node, key, TEXT_MAX);

    return text ? text : call_strdup(c, "");
}

/* Two numbers since Windows 10, which calls itself 6.3 where older programs
 * look. */
static void
read_version(struct call *c, hive_h *h, hive_node_h node,
    struct mayfly_inspection_root *s)
{
    uint32_t major, minor;
    char *text, *end;

    if (registry_number(h, node, "CurrentMajorVersionNumber", &major) &&
        registry_number(h, node, "CurrentMinorVersionNumber", &minor)) {
        s->major_version = (int32_t)(major & INT32_MAX);
        s->minor_version = (int32_t)(minor & INT32_MAX);
        return;
    }
    text = text_or_nothing(c, h, node, "CurrentVersion");
    s->major_version = (int32_t)(strtoul(text, &end, 10) & INT32_MAX);
    if (end != text && *end == '.')
        s->minor_version = (int32_t)(strtoul(end + 1, NULL, 10) & INT32_MAX);
}

/* Objects of group policy have a GUID for a name. */
static bool
has_group_policy(struct call *c, hive_h *h)
{
    hive_node_h *nodes = registry_children(c, h,
        registry_node(h, hivex_root(h),
            "Microsoft\\Windows\\CurrentVersion\\Group Policy\\History"));

    for (size_t i = 0; nodes && nodes[i]; i++) {
        char *name = registry_name(c, h, nodes[i]);
        size_t n = name ? strlen(name) : 0;
        if (n > 3 && name[0] == '{' && isxdigit((unsigned char)name[1]) &&
            name[n - 1] == '}')
            return true;
    }
    return false;
}

static void
read_software(struct call *c, int root, struct mayfly_inspection_root *s)
{
    hive_h *h = registry_open(c, root, s->windows_software_hive);
    hive_node_h node = h ? registry_node(h, hivex_root(h),
                               "Microsoft\\Windows NT\\CurrentVersion")
                         : 0;

    if (!node)
        return;
    s->product_name = text_or_nothing(c, h, node, "ProductName");
    s->product_variant = text_or_nothing(c, h, node, "InstallationType");
    s->build_id = text_or_nothing(c, h, node, "CurrentBuildNumber");
    read_version(c, h, node, s);
    s->windows_group_policy = has_group_policy(c, h);
}

static void
read_system(struct call *c, int root, struct mayfly_inspection_root *s)
{
    hive_h *h = registry_open(c, root, s->windows_system_hive);
    uint32_t current;

    if (!h || !registry_number(h, registry_node(h, hivex_root(h), "Select"),
                  "Current", &current))
        return;
    s->windows_current_control_set = call_printf(c, "ControlSet%03u", current);
    char *path = call_printf(
        c, "%s\\Services\\Tcpip\\Parameters", s->windows_current_control_set);
    s->hostname = text_or_nothing(
        c, h, registry_node(h, hivex_root(h), path), "Hostname");
}

/* --- osinfo's name for it --- */

static const struct {
    int32_t major, minor;
    bool server;
    const char *in_name; /* only if the product's name has this */
    const char *id;
} short_ids[] = {
    {5, 1, false, "", "winxp"},
    {5, 2, false, "XP", "winxp"},
    {5, 2, false, "R2", "win2k3r2"},
    {5, 2, false, "", "win2k3"},
    {6, 0, true, "", "win2k8"},
    {6, 0, false, "", "winvista"},
    {6, 1, true, "", "win2k8r2"},
    {6, 1, false, "", "win7"},
    {6, 2, true, "", "win2k12"},
    {6, 2, false, "", "win8"},
    {6, 3, true, "", "win2k12r2"},
    {6, 3, false, "", "win8.1"},
    {10, 0, true, "2025", "win2k25"},
    {10, 0, true, "2022", "win2k22"},
    {10, 0, true, "2019", "win2k19"},
    {10, 0, true, "", "win2k16"},
};

static const char *
short_id(const struct mayfly_inspection_root *s)
{
    enum { FIRST_BUILD_OF_11 = 22000 };
    bool server = strstr(s->product_variant, "Server");

    for (size_t i = 0; i < N_ELEMENTS(short_ids); i++) {
        if (short_ids[i].major == s->major_version &&
            short_ids[i].minor == s->minor_version &&
            (short_ids[i].server == server || s->major_version == 5) &&
            strstr(s->product_name, short_ids[i].in_name))
            return short_ids[i].id;
    }
    if (s->major_version != 10 || s->minor_version != 0)
        return "";
    return strtol(s->build_id, NULL, 10) >= FIRST_BUILD_OF_11 ? "win11"
                                                              : "win10";
}

static void
read_windows(struct call *c, int root, struct mayfly_inspection_root *s)
{
    const char *reason;
    char *path = windows_systemroot(c, root);

    s->distro = call_strdup(c, "windows");
    if (!path)
        return;
    s->windows_systemroot = path;
    char *shell =
        tree_nocase(c, root, call_printf(c, "%s/system32/cmd.exe", path));
    char *arch = shell ? arch_of_file(c, root, shell, &reason) : NULL;
    if (arch)
        s->arch = arch;
    char *software = windows_hive(c, root, path, "software");
    char *system = windows_hive(c, root, path, "system");
    if (software) {
        s->windows_software_hive = software;
        read_software(c, root, s);
    }
    if (system) {
        s->windows_system_hive = system;
        read_system(c, root, s);
    }
    s->osinfo = call_strndup(c, short_id(s), NAME_MAX_BYTES);
}

const struct detector windows_detector = {
    .role = role,
    .type = "windows",
    .read = read_windows,
    .map_drives = windows_map_drives,
};
