/* SPDX-License-Identifier: GPL-2.0-or-later */
/* FreeBSD and what is made of it.  Its version is a line of the script
 * /bin/freebsd-version; older ones have it in the message of the day. */
#include <config.h>

#include "appliance/agent/call/memory.h"
#include "appliance/agent/guest/tree.h"
#include "appliance/agent/inspect/detect.h"
#include "appliance/agent/inspect/system.h"
#include "base/strv.h"

#define SCRIPT "/bin/freebsd-version"

enum { NAME_BYTES = 255, TEXT_BYTES = 4096 };

static const char *
role(struct call *c, int root)
{
    (void)c;
    return tree_is_dir(root, "/etc") && tree_is_dir(root, "/bin") &&
                   (tree_is_file(root, SCRIPT) ||
                       tree_is_file(root, "/etc/freebsd-update.conf"))
               ? "root"
               : NULL;
}

/* "14.1-RELEASE-p5", or NULL. */
static const char *
userland_version(struct call *c, int root)
{
    char *text = tree_text(c, root, SCRIPT), *line;

    while ((line = next_line(&text))) {
        char *value = cut_value(line);
        if (value && str_equal(line, "USERLAND_VERSION"))
            return shell_unquote(value);
    }
    return release_word(c, root, "/etc/motd", "FreeBSD ");
}

static void
read_freebsd(struct call *c, int root, struct mayfly_inspection_root *s)
{
    const char *version = userland_version(c, root);

    /* What is made of it names itself. */
    release_read_os(c, root, s);
    if (!s->distro[0] || str_equal(s->distro, "freebsd")) {
        s->distro = call_strdup(c, "freebsd");
        if (version && version[0]) {
            s->product_name = call_strndup(
                c, call_printf(c, "FreeBSD %s", version), TEXT_BYTES);
            s->version_id = call_strndup(c, version, NAME_BYTES);
            release_set_version(s, version);
        }
    }
    s->arch = arch_read(c, root);
    s->hostname = hostname_read_bsd(c, root);
    s->package_format = call_strdup(c, "pkg");
    s->package_management = call_strdup(c, "pkg");
    release_set_osinfo(c, s);
}

const struct detector freebsd_detector = {
    .role = role,
    .type = "freebsd",
    .read = read_freebsd,
};
