/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What keeps a user out whatever sshd's own settings say: a shell that ends at
 * once, an account that has expired or is locked, files that others can write
 * to, which sshd does not trust. */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "customize/operations.h"
#include "tool/print.h"

enum { SECONDS_PER_DAY = 24 * 60 * 60 };

/* shadow(5): NAME:PASSWORD:CHANGED:MIN:MAX:WARN:INACTIVE:EXPIRES:RESERVED */
enum shadow_field { PASSWORD = 1, EXPIRES = 7 };

/* The field of USER; NULL without an error: there is none. */
static char *
shadow_field(struct job *job, const char *user, enum shadow_field field,
    struct error *err)
{
    static const char path[] = "/etc/shadow";
    cleanup_free char *text =
        job_is_file(job, path) ? job_read(job, path, NULL, err) : NULL;
    char *rest = text, *line;

    while ((line = strsep(&rest, "\n"))) {
        const char *value = strsep(&line, ":");

        if (!str_equal(value, user))
            continue;
        for (int i = 0; value && i < (int)field; i++)
            value = strsep(&line, ":");
        char *copy = value ? strdup(value) : NULL;
        if (value && !copy)
            error_no_memory(err);
        return copy;
    }
    return NULL;
}

int
login_check_account(struct job *job, const struct account *a, struct error *err)
{
    const char *slash = strrchr(a->shell, '/');
    const char *name = slash ? slash + 1 : a->shell;

    if (str_equal(name, "nologin") || str_equal(name, "false"))
        tool_warning(
            "the shell of %s is %s, which lets no one in", a->name, a->shell);
    else if (a->shell[0] && !job_exists(job, a->shell))
        tool_warning("the shell of %s is %s, which is not in the guest: no "
                     "one can log in as %s",
            a->name, a->shell, a->name);

    if (a->uid != 0 && job_exists(job, "/etc/nologin"))
        tool_warning("the guest has a file /etc/nologin, which lets only root "
                     "in");

    cleanup_free char *expires = shadow_field(job, a->name, EXPIRES, err);
    if (!expires)
        return err->code ? -1 : 0;
    char *end;
    long long day = strtoll(expires, &end, 10);
    if (*expires && !*end && day >= 0 &&
        day <= (long long)time(NULL) / SECONDS_PER_DAY)
        tool_warning("the account of %s has expired (/etc/shadow): no one can "
                     "log in with it",
            a->name);
    return 0;
}

int
login_check_lock(struct job *job, const char *user, struct error *err)
{
    cleanup_free char *password = shadow_field(job, user, PASSWORD, err);

    if (!password)
        return err->code ? -1 : 0;
    if (password[0] == '!' && !customize_sets_password(job->customize, user))
        tool_warning("the account of %s is locked ('!' in /etc/shadow), and "
                     "the guest's sshd does not use PAM: it does not let %s "
                     "in by a key; add --password %s:disabled",
            user, user, user);
    return 0;
}

/* sshd reads the file as the user, and only if none but the user and root can
 * write to it and what it is in. */
static int
check_mode(struct job *job, const struct account *a, const char *path,
    unsigned to_read, struct error *err)
{
    enum { OTHERS_WRITE = 022 };
    struct mayfly_file_status *st;

    if (!job_exists(job, path))
        return 0;
    if (mayfly_stat(job->g, path, &st) < 0)
        return job_fail(job, err);

    unsigned mode = (unsigned)st->mode & 07777;
    long long owner = (long long)st->uid;
    unsigned bits = st->gid == a->gid ? 077 : 07;
    mayfly_free_file_status(st);
    if (owner != 0 && owner != a->uid)
        tool_warning("%s belongs to the user number %lld: the guest's sshd "
                     "does not take keys of %s from there (StrictModes)",
            path, owner, a->name);
    else if (mode & OTHERS_WRITE)
        tool_warning("others can write to %s (mode %04o): the guest's sshd "
                     "does not take keys of %s from there (StrictModes)",
            path, mode, a->name);
    else if (owner != a->uid && !(mode & bits & to_read))
        tool_warning("%s belongs to root, and %s cannot read it (mode %04o): "
                     "the guest's sshd does not take keys from there",
            path, a->name, mode);
    return 0;
}

int
login_check_modes(struct job *job, const struct account *a, const char *folder,
    const char *file, struct error *err)
{
    enum { SEARCH = 011, READ = 044 };

    if (check_mode(job, a, a->home, SEARCH, err) < 0)
        return -1;
    return check_mode(job, a, folder, SEARCH, err) < 0
               ? -1
               : check_mode(job, a, file, READ, err);
}
