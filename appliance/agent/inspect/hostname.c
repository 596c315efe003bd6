/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hostname(5), and where it was before. */
#include <config.h>

#include <string.h>

#include "appliance/agent/call/memory.h"
#include "appliance/agent/guest/tree.h"
#include "appliance/agent/inspect/system.h"
#include "base/strv.h"

static char *
first_name(struct call *c, int root, const char *path)
{
    char *text = tree_text(c, root, path), *line;

    while ((line = next_line(&text))) {
        if (line[0] && line[0] != '#')
            return line;
    }
    return NULL;
}

/* HOSTNAME= of older Red Hat systems. */
static char *
network_name(struct call *c, int root)
{
    char *text = tree_text(c, root, "/etc/sysconfig/network"), *line;

    while ((line = next_line(&text))) {
        line += strspn(line, " \t");
        char *value = line[0] == '#' ? NULL : cut_value(line);
        if (value && str_equal(line, "HOSTNAME"))
            return shell_unquote(value);
    }
    return NULL;
}

char *
hostname_read(struct call *c, int root)
{
    char *name = first_name(c, root, "/etc/HOSTNAME");

    if (!name)
        name = first_name(c, root, "/etc/hostname");
    if (!name)
        name = network_name(c, root);
    return name ? call_strndup(c, name, 4096) : call_strdup(c, "");
}
