/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Removing accounts of users, with all that names them. */
#include <config.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "sysprep/accounts_text.h"
#include "sysprep/operations.h"
#include "sysprep/where.h"
#include "tool/print.h"

struct leaving {
    char **names, **homes; /* a home for each name */
    char **kept_homes;
    char **known; /* every name of passwd(5) */
};

static void
leaving_clear(struct leaving *l)
{
    strv_free(l->names);
    strv_free(l->homes);
    strv_free(l->kept_homes);
    strv_free(l->known);
}

static int
sort_account(const struct work *w, const struct passwd_line *p, long min,
    long max, struct leaving *l, struct error *err)
{
    const struct sysprep_settings *s = w->settings;
    bool kept = p->uid < min || p->uid > max ||
                (s->keep_users && strv_contains(s->keep_users, p->name)) ||
                (s->remove_users && !strv_contains(s->remove_users, p->name));

    if (strv_append(&l->known, p->name) < 0 ||
        (kept ? strv_append(&l->kept_homes, p->home)
              : (strv_append(&l->names, p->name) |
                    strv_append(&l->homes, p->home))) < 0)
        return error_no_memory(err);
    if (kept && s->remove_users && strv_contains(s->remove_users, p->name) &&
        !(s->keep_users && strv_contains(s->keep_users, p->name)))
        return error_set(err, EINVAL,
            "--remove-user-accounts: %s is an account of the system (number "
            "%ld): only those from %ld to %ld are removed",
            p->name, p->uid, min, max);
    return 0;
}

static int
check_known(const struct leaving *l, char *const *names, const char *option,
    struct error *err)
{
    for (; names && *names; names++)
        if (!l->known || !strv_contains(l->known, *names))
            return error_set(
                err, ENOENT, "%s: the guest has no user '%s'", option, *names);
    return 0;
}

static int
sort_accounts(
    struct work *w, const char *passwd, struct leaving *l, struct error *err)
{
    static const char path[] = "/etc/login.defs";
    bool there = job_is_file(&w->job, path);
    cleanup_free char *defs =
        there ? job_read(&w->job, path, NULL, err) : strdup("");

    if (!defs)
        return there ? -1 : error_no_memory(err);
    long min = login_defs_number(defs, "UID_MIN", 1000);
    long max = login_defs_number(defs, "UID_MAX", 60000);
    for (const char *line = passwd; line; line = strchr(line, '\n')) {
        struct passwd_line p;

        line += *line == '\n';
        if (!passwd_line_read(line, &p))
            continue;
        int r = sort_account(w, &p, min, max, l, err);
        passwd_line_clear(&p);
        if (r < 0)
            return -1;
    }
    if (check_known(
            l, w->settings->remove_users, "--remove-user-accounts", err) < 0)
        return -1;
    return check_known(l, w->settings->keep_users, "--keep-user-accounts", err);
}

static int
edit_file(struct work *w, const char *path,
    char *(*edit)(const char *, char *const *), char *const *names,
    struct error *err)
{
    if (!job_is_file(&w->job, path))
        return 0;
    cleanup_free char *text = job_read(&w->job, path, NULL, err);
    cleanup_free char *changed = text ? edit(text, names) : NULL;

    if (!changed)
        return text ? error_no_memory(err) : -1;
    return change_file(w, path, text, changed, err);
}

static bool
is_below(const char *path, const char *folder)
{
    const char *rest = str_after(path, folder);

    return rest && (*rest == 0 || *rest == '/');
}

/* Homes are in a folder of their own, and not among the system's. */
static bool
is_of_system(const char *home)
{
    static const char *const folders[] = {"/bin", "/boot", "/dev", "/etc",
        "/lib", "/lib32", "/lib64", "/libx32", "/proc", "/run", "/sbin", "/sys",
        "/usr"};

    for (size_t i = 0; i < N_ELEMENTS(folders); i++)
        if (is_below(home, folders[i]))
            return true;
    /* /var/home is where OSTree has them. */
    if (is_below(home, "/var") && !str_after(home, "/var/home/"))
        return true;
    return home[0] != '/' || !strchr(home + 1, '/') || strstr(home, "/..");
}

/* Is it, or does it hold, a home of someone else? */
static bool
is_shared(struct work *w, const char *home, char *const *kept)
{
    for (; kept && *kept; kept++) {
        cleanup_free char *other = where_really(w, *kept);

        if (!other || is_below(other, home))
            return true;
    }
    return false;
}

static int
remove_home(
    struct work *w, const struct leaving *l, size_t i, struct error *err)
{
    cleanup_free char *home = where_really(w, l->homes[i]);

    if (!home)
        return error_no_memory(err);
    if (!job_exists(&w->job, home))
        return 0;
    if (is_of_system(home) || is_shared(w, home, l->kept_homes)) {
        tool_warning("%s, the home of %s, is not only that: it stays", home,
            l->names[i]);
        return 0;
    }
    return remove_path(w, home, err);
}

static int
remove_mail(struct work *w, const char *name, struct error *err)
{
    static const char *const folders[] = {"/var/spool/mail", "/var/mail"};

    if (strchr(name, '/') || name[0] == '.')
        return 0;
    for (size_t i = 0; i < N_ELEMENTS(folders); i++) {
        cleanup_free char *path = text_printf("%s/%s", folders[i], name);

        if (!path)
            return error_no_memory(err);
        if (job_exists(&w->job, path) && remove_path(w, path, err) < 0)
            return -1;
    }
    return 0;
}

static int
remove_accounts(struct work *w, const struct leaving *l, struct error *err)
{
    static const char *const by_name[] = {
        "/etc/passwd", "/etc/shadow", "/etc/subuid", "/etc/subgid"};
    static const char *const groups[] = {"/etc/group", "/etc/gshadow"};

    for (size_t i = 0; i < N_ELEMENTS(by_name); i++)
        if (edit_file(w, by_name[i], text_without_names, l->names, err) < 0)
            return -1;
    for (size_t i = 0; i < N_ELEMENTS(groups); i++)
        if (edit_file(w, groups[i], group_without_names, l->names, err) < 0)
            return -1;
    for (size_t i = 0; l->names[i]; i++)
        if (remove_mail(w, l->names[i], err) < 0 ||
            remove_home(w, l, i, err) < 0)
            return -1;
    return 0;
}

int
run_user_account(struct work *w, struct error *err)
{
    static const char path[] = "/etc/passwd";
    struct leaving l = {0};

    if (!job_is_file(&w->job, path))
        return 0;
    cleanup_free char *text = job_read(&w->job, path, NULL, err);
    if (!text)
        return -1;
    int r = sort_accounts(w, text, &l, err);
    if (r == 0 && l.names)
        r = remove_accounts(w, &l, err);
    leaving_clear(&l);
    return r;
}
