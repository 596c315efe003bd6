/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Services of other inits: scripts of System V, the runlevels of OpenRC, the
 * folders of runit, and the rc.conf of a BSD. */
#include <config.h>

#include <ctype.h>
#include <strings.h>
#include <string.h>

#include "appliance/agent/call/call.h"
#include "appliance/agent/facts/reading.h"
#include "appliance/agent/guest/tree.h"
#include "base/cleanup.h"
#include "base/strv.h"

/* A script that systemd has a unit for is not run. */
static bool
has_unit(struct facts *f, const char *name)
{
    static const char *const folders[] = {"/etc/systemd/system",
        "/usr/lib/systemd/system", "/lib/systemd/system"};

    for (size_t i = 0; i < N_ELEMENTS(folders); i++)
        if (fact_exists(
                f, call_printf(f->c, "%s/%s.service", folders[i], name)))
            return true;
    return false;
}

static void
read_sysv(struct facts *f)
{
    bool below = fact_exists(f, "/etc/rc.d/rc3.d");
    const char *base = below ? "/etc/rc.d" : "/etc";
    bool systemd = fact_exists(f, "/usr/lib/systemd/systemd") ||
                   fact_exists(f, "/lib/systemd/systemd");
    char *scripts =
        call_printf(f->c, "%s/init.d", below ? "/etc/rc.d" : "/etc");
    char **levels[7];

    /* OpenRC has its scripts there as well. */
    if (fact_exists(f, "/etc/runlevels"))
        return;
    for (size_t i = 0; i < N_ELEMENTS(levels); i++)
        levels[i] = fact_folder(f, call_printf(f->c, "%s/rc%zu.d", base, i));
    for (char **name = fact_folder(f, scripts); *name; name++) {
        char *path = call_printf(f->c, "%s/%s", scripts, *name);
        bool enabled = false;

        if (str_equal(*name, "README") || str_equal(*name, "functions") ||
            !tree_is_file(f->root, path) || (systemd && has_unit(f, *name)))
            continue;
        struct fact_row r = fact_add(f, *name, path, 0);
        fact_text(&r, "init", "sysv");
        fact_text(&r, "kind", "service");
        for (size_t i = 0; i < N_ELEMENTS(levels); i++)
            for (char **link = levels[i]; *link; link++)
                if ((*link)[0] == 'S' && isdigit((unsigned char)(*link)[1]) &&
                    isdigit((unsigned char)(*link)[2]) &&
                    str_equal(*link + 3, *name)) {
                    fact_text(&r, "runlevels", call_printf(f->c, "%zu", i));
                    enabled |= i >= 2 && i <= 5;
                }
        fact_text(&r, "state", enabled ? "enabled" : "disabled");
    }
}

static void
read_openrc(struct facts *f)
{
    for (char **level = fact_folder(f, "/etc/runlevels"); *level; level++) {
        char *folder = call_printf(f->c, "/etc/runlevels/%s", *level);

        for (char **name = fact_folder(f, folder); *name; name++) {
            char *path = call_printf(f->c, "/etc/init.d/%s", *name);
            struct fact_row r = fact_add(f, *name, path, 0);

            fact_text(&r, "init", "openrc");
            fact_text(&r, "kind", "service");
            fact_text(
                &r, "state", fact_exists(f, path) ? "enabled" : "missing");
            fact_text(&r, "runlevels", *level);
        }
    }
}

static void
read_runit(struct facts *f)
{
    static const char *const folders[] = {
        "/etc/runit/runsvdir/default", "/etc/service", "/var/service"};

    /* Packages bring folders for it that are of no use without it. */
    if (!fact_exists(f, "/usr/bin/runsvdir") &&
        !fact_exists(f, "/sbin/runsvdir") && !fact_exists(f, "/sbin/runit"))
        return;
    for (size_t i = 0; i < N_ELEMENTS(folders); i++) {
        char **name = fact_folder(f, folders[i]);

        if (!*name)
            continue;
        for (; *name; name++) {
            char *path = call_printf(f->c, "%s/%s", folders[i], *name);
            bool down = fact_exists(f, call_printf(f->c, "%s/down", path));
            struct fact_row r = fact_add(f, *name, path, 0);

            fact_text(&r, "init", "runit");
            fact_text(&r, "kind", "service");
            fact_text(&r, "state", down ? "disabled" : "enabled");
        }
        return;
    }
}

static void
read_bsd(struct facts *f)
{
    static const char *const files[] = {"/etc/rc.conf", "/etc/rc.conf.local"};

    for (size_t i = 0; i < N_ELEMENTS(files); i++) {
        char *text = fact_file(f, files[i]), *line;
        unsigned number = 0;

        while ((line = next_line(&text))) {
            char *value = cut_value(line);
            size_t n = strlen(line);

            number++;
            if (!value || line[0] == '#')
                continue;
            if (ends_with_text(line, "_enable"))
                n -= strlen("_enable");
            else if (!str_equal(f->system->type, "netbsd"))
                continue;
            value = shell_unquote(fact_trim(value));
            struct fact_row r =
                fact_add(f, call_strndup(f->c, line, n), files[i], number);
            fact_text(&r, "init", "rc");
            fact_text(&r, "kind", "service");
            fact_text(&r, "state",
                strcasecmp(value, "yes") == 0 ? "enabled" : "disabled");
        }
    }
}

void
facts_services_old(struct facts *f)
{
    if (ends_with_text(f->system->type, "bsd")) {
        read_bsd(f);
        return;
    }
    read_sysv(f);
    read_openrc(f);
    read_runit(f);
}
