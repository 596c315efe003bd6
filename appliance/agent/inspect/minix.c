/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Minix 3: /etc/version is "3.4.0". */
#include <config.h>

#include <string.h>

#include "appliance/agent/call/memory.h"
#include "appliance/agent/guest/tree.h"
#include "appliance/agent/inspect/detect.h"
#include "appliance/agent/inspect/system.h"
#include "base/strv.h"

enum { NAME_BYTES = 255, TEXT_BYTES = 4096 };

static const char *
role(struct call *c, int root)
{
    (void)c;
    return tree_is_dir(root, "/etc") && tree_is_dir(root, "/bin") &&
                   tree_is_file(root, "/service/vm") &&
                   tree_is_file(root, "/etc/version")
               ? "root"
               : NULL;
}

/* The first line, without blanks at its end; "" if there is none. */
static char *
first_line(struct call *c, int root, const char *path)
{
    char *text = tree_text(c, root, path);
    char *line = next_line(&text);
    size_t n = line ? strlen(line) : 0;

    while (n > 0 && (line[n - 1] == ' ' || line[n - 1] == '\t'))
        line[--n] = '\0';
    return line ? line : call_strdup(c, "");
}

static void
read_minix(struct call *c, int root, struct mayfly_inspection_root *s)
{
    char *line = first_line(c, root, "/etc/version");
    const char *version = str_after(line, "Minix ");

    version = version ? version : line;
    s->distro = call_strdup(c, "minix");
    s->product_name =
        call_strndup(c, call_printf(c, "Minix %s", version), TEXT_BYTES);
    s->version_id = call_strndup(c, version, NAME_BYTES);
    release_set_version(s, version);
    s->arch = arch_read(c, root);
    s->hostname =
        call_strndup(c, first_line(c, root, "/etc/hostname.file"), NAME_BYTES);
    s->package_format = call_strdup(c, "pkgsrc");
    s->package_management = call_strdup(c, "pkgin");
    release_set_osinfo(c, s);
}

const struct detector minix_detector = {
    .role = role,
    .type = "minix",
    .read = read_minix,
};
