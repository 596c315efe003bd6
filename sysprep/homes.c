/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What users leave in their home directories, wherever passwd(5) says that
 * these are. */
#include <config.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "sysprep/operations.h"
#include "sysprep/where.h"
#include "tool/print.h"

/* Would a pattern take a part of it for something else? */
static bool
is_plain(const char *path)
{
    return !path[strcspn(path, "*?[]{},\\")];
}

/* A home may be a link, as to a larger disk; what is in it may not lead on. */
static int
add_home(struct work *w, char ***homes, const char *name, struct error *err)
{
    if (name[0] != '/' || !name[strspn(name, "/")])
        return 0;
    cleanup_free char *home = where_really(w, name);
    if (!home)
        return error_no_memory(err);
    if (!home[strspn(home, "/")] || !is_plain(home)) {
        tool_warning("%s: the home directory %s is not looked at, since it is "
                     "%s",
            w->name, name, is_plain(home) ? home : "no plain name");
        return 0;
    }
    if (*homes && strv_contains(*homes, home))
        return 0;
    return strv_append(homes, home) < 0 ? error_no_memory(err) : 0;
}

/* Those of passwd(5), and of accounts that it does not list, as of LDAP. */
static int
read_homes(struct work *w, struct error *err)
{
    static const char path[] = "/etc/passwd";
    cleanup_strv char **homes = NULL;
    cleanup_free char *text = NULL;
    cleanup_free char **more = work_glob(w, "/home/*", err);

    if (!more || add_home(w, &homes, "/root", err) < 0)
        return -1;
    for (size_t i = 0; more[i]; i++)
        if (add_home(w, &homes, more[i], err) < 0)
            return -1;
    if (job_is_file(&w->job, path) &&
        !(text = job_read(&w->job, path, NULL, err)))
        return -1;
    for (char *rest = text, *line; (line = strsep(&rest, "\n"));) {
        const char *home = NULL;

        for (int i = 0; i < 6 && line; i++)
            home = strsep(&line, ":");
        if (home && line && add_home(w, &homes, home, err) < 0)
            return -1;
    }
    w->homes = steal_pointer(&homes);
    return 0;
}

/* NAMES is a pattern, as "{a,b}". */
static int
remove_in_homes(
    struct work *w, const char *names, bool only_files, struct error *err)
{
    cleanup_strv char **patterns = NULL;

    if (!w->homes && read_homes(w, err) < 0)
        return -1;
    for (size_t i = 0; w->homes[i]; i++)
        if (strv_printf(&patterns, "%s/%s", w->homes[i], names) < 0)
            return error_no_memory(err);
    return remove_matches(
        w, (const char *const *)patterns, NULL, only_files, err);
}

int
run_bash_history(struct work *w, struct error *err)
{
    return remove_in_homes(w, ".bash_history", true, err);
}

int
run_zsh_history(struct work *w, struct error *err)
{
    return remove_in_homes(w, "{.zsh_history,.zhistory}", true, err);
}

int
run_shell_history(struct work *w, struct error *err)
{
    return remove_in_homes(w,
        "{.sh_history,.ash_history,.ksh_history,.history,.tcsh_history,"
        ".local/share/fish/fish_history,.python_history,.node_repl_history,"
        ".mysql_history,.mariadb_history,.psql_history,.sqlite_history,"
        ".rediscli_history,.mongosh/mongosh_repl_history,.lesshst,.viminfo,"
        ".wget-hsts}",
        true, err);
}

int
run_ssh_userdir(struct work *w, struct error *err)
{
    return remove_in_homes(w, ".ssh", false, err);
}
