/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is installed on a Windows: the keys that its own list of programs is
 * made from, HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall, and
 * the same of 32-bit programs on 64 bits.  A key without DisplayName is not
 * shown there, either. */
#include <config.h>

#include "appliance/agent/call/call.h"
#include "appliance/agent/call/memory.h"
#include "appliance/agent/guest/registry.h"
#include "appliance/agent/guest/windows.h"
#include "appliance/agent/packages/package.h"
#include "appliance/agent/packages/packages.h"
#include "base/cleanup.h"

#define UNINSTALL "Microsoft\\Windows\\CurrentVersion\\Uninstall"

static void
add_program(struct call *c, hive_h *h, hive_node_h node, struct list *packages)
{
    char *name = registry_name(c, h, node);
    char *shown = registry_text(c, h, node, "DisplayName", PACKAGE_TEXT_MAX);

    if (!name || !shown)
        return;

    struct mayfly_application2 *p = package_add(c, packages);
    p->app2_name = name;
    p->app2_display_name = shown;
#define TAKE(field, key)                                                       \
    do {                                                                       \
        char *text = registry_text(c, h, node, key, PACKAGE_TEXT_MAX);         \
                                                                               \
        if (text)                                                              \
            p->field = text;                                                   \
    } while (0)
    TAKE(app2_version, "DisplayVersion");
    TAKE(app2_install_path, "InstallLocation");
    TAKE(app2_publisher, "Publisher");
    TAKE(app2_url, "URLInfoAbout");
    TAKE(app2_description, "Comments");
#undef TAKE
}

static const char *
windows_read(
    struct call *c, int root, struct list *packages, const char **ret_reason)
{
    static const char *const places[] = {UNINSTALL, "WOW6432Node\\" UNINSTALL};
    char *systemroot = windows_systemroot(c, root);
    char *path =
        systemroot ? windows_hive(c, root, systemroot, "software") : NULL;
    hive_h *h = path ? registry_open(c, root, path) : NULL;

    if (!h) {
        *ret_reason = "cannot read the registry";
        return NULL;
    }
    for (size_t i = 0; i < N_ELEMENTS(places); i++) {
        hive_node_h *nodes =
            registry_children(c, h, registry_node(h, hivex_root(h), places[i]));
        for (size_t k = 0; nodes && nodes[k]; k++) {
            if (call_cancelled(c) || packages->n > PACKAGES_MAX)
                return path;
            add_program(c, h, nodes[k], packages);
        }
    }
    return path;
}

const struct package_reader windows_reader = {
    .format = "windows",
    .read = windows_read,
};
