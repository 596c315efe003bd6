/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Theory of operation: an operation names the folder whose content goes.  A
 * link in that name, as /var/log/audit -> /, would make it another folder, so
 * what a link leads to stays and is reported, unless systems are known to have
 * the folder there. */
#include <config.h>

#include "sysprep/where.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "tool/print.h"

char *
where_really(struct work *w, const char *path)
{
    char *real;

    return mayfly_realpath(w->job.g, path, &real) < 0 ? strdup(path) : real;
}

static bool
is_moved(const char *folder, const char *real, const char *from, const char *to)
{
    const char *rest = str_after(folder, from);
    const char *other = str_after(real, to);

    return rest && other && (*rest == 0 || *rest == '/') &&
           str_equal(rest, other);
}

bool
where_is_usual(const char *folder, const char *real)
{
    static const char *const moved[][2] = {
        {"/var/run", "/run"},
        {"/var/lock", "/run/lock"},
        {"/var/mail", "/var/spool/mail"},
        {"/var/spool/mail", "/var/mail"},
        {"/var/tmp", "/tmp"},
        {"/tmp", "/var/tmp"},
        {"/var/lib/rpm", "/usr/lib/sysimage/rpm"},
        {"/var/lib/rpm", "/usr/share/rpm"},
        {"/etc/apk/cache", "/var/cache/apk"},
        {"/usr/tmp", "/var/tmp"},
        /* of OSTree */
        {"/home", "/var/home"},
        {"/root", "/var/roothome"},
        {"/srv", "/var/srv"},
    };

    if (str_equal(folder, real))
        return true;
    for (size_t i = 0; i < N_ELEMENTS(moved); i++)
        if (is_moved(folder, real, moved[i][0], moved[i][1]))
            return true;
    return false;
}

int
where_is_own(struct work *w, const char *folder, struct error *err)
{
    if (w->own && str_equal(w->own, folder))
        return 1;
    if (w->led_away && strv_contains(w->led_away, folder))
        return 0;
    cleanup_free char *real = where_really(w, folder);
    cleanup_free char *copy = real ? strdup(folder) : NULL;
    if (!copy)
        return error_no_memory(err);
    if (where_is_usual(folder, real)) {
        free(w->own);
        w->own = steal_pointer(&copy);
        return 1;
    }
    if (strv_append(&w->led_away, folder) < 0)
        return error_no_memory(err);
    tool_warning("%s: a link makes %s of %s; what is there stays", w->name,
        real, folder);
    return 0;
}
