/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hostname(5), and where it was before. */
#include <config.h>

#include <string.h>

#include "appliance/agent/call/memory.h"
#include "appliance/agent/guest/tree.h"
#include "appliance/agent/inspect/system.h"
#include "base/cleanup.h"
#include "base/strv.h"

static const char blanks[] = " \t\r";

static char *
first_name(struct call *c, int root, const char *path)
{
    char *text = tree_text(c, root, path), *line;

    while ((line = next_line(&text))) {
        line += strspn(line, blanks);
        if (!line[0] || line[0] == '#')
            continue;
        line[strcspn(line, blanks)] = '\0';
        return line;
    }
    return NULL;
}

/* The value of an assignment, without what follows it on the line, such as a
 * comment. */
static char *
first_word(char *value)
{
    char *end = value[0] == '"' || value[0] == '\''
                    ? strchr(value + 1, value[0])
                    : NULL;

    if (end)
        end[1] = '\0';
    else
        value[strcspn(value, " \t\r;")] = '\0';
    return shell_unquote(value);
}

/* "option hostname 'NAME'" of OpenWrt. */
static char *
option_name(struct call *c, int root, const char *path)
{
    char *text = tree_text(c, root, path), *line;

    while ((line = next_line(&text))) {
        const char *rest;

        line += strspn(line, blanks);
        if (!(rest = str_after(line, "option")) || !strchr(blanks, *rest))
            continue;
        line += strlen("option");
        line += strspn(line, blanks);
        if (!(rest = str_after(line, "hostname")) || !*rest ||
            !strchr(blanks, *rest))
            continue;
        line += strlen("hostname");
        char *name = first_word(line + strspn(line, blanks));
        return name[0] ? name : NULL;
    }
    return NULL;
}

/* HOSTNAME= of older Red Hat systems and of Void, hostname= of Gentoo with
 * OpenRC. */
static char *
assigned_name(struct call *c, int root, const char *path, const char *variable)
{
    char *text = tree_text(c, root, path), *line;

    while ((line = next_line(&text))) {
        line += strspn(line, " \t");
        char *value = line[0] == '#' ? NULL : cut_value(line);
        if (!value || !str_equal(line, variable))
            continue;
        char *name = first_word(value);
        name[strcspn(name, blanks)] = '\0';
        return name[0] ? name : NULL;
    }
    return NULL;
}

/* /etc/myname of OpenBSD, and of NetBSD where rc.conf names none. */
char *
hostname_read_bsd(struct call *c, int root)
{
    static const char *const files[] = {
        "/etc/rc.conf.local", "/etc/rc.conf", "/etc/rc.conf.d/hostname"};
    char *name = NULL;

    for (size_t i = 0; !name && i < N_ELEMENTS(files); i++)
        name = assigned_name(c, root, files[i], "hostname");
    if (!name)
        name = first_name(c, root, "/etc/myname");
    return name ? call_strndup(c, name, 4096) : call_strdup(c, "");
}

char *
hostname_read(struct call *c, int root)
{
    char *name = first_name(c, root, "/etc/HOSTNAME");

    if (!name)
        name = first_name(c, root, "/etc/hostname");
    if (!name)
        name = assigned_name(c, root, "/etc/sysconfig/network", "HOSTNAME");
    if (!name)
        name = assigned_name(c, root, "/etc/conf.d/hostname", "hostname");
    if (!name)
        name = assigned_name(c, root, "/etc/rc.conf", "HOSTNAME");
    if (!name)
        name = option_name(c, root, "/etc/config/system");
    return name ? call_strndup(c, name, 4096) : call_strdup(c, "");
}
