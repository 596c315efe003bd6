/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sshd_config(5), as far as it decides whether a key lets its user in.  The
 * first value of a keyword counts; keywords have no case; Include names other
 * files, by patterns; after Match a file is about some users or hosts only. */
#include <config.h>

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "customize/operations.h"
#include "tool/print.h"

enum { DEPTH_MAX = 8 };

struct sshd {
    struct job *job;
    char *key_files, *pubkey, *root_login; /* NULL: not set */
    char *pam, *strict, *methods;
    const char *user;
    char **groups; /* of the user */
    /* AllowUsers and the like: is it set, and does it name the user? */
    bool has_users, in_users, in_no_users;
    bool has_groups, in_groups, in_no_groups;
};

static int read_config(
    struct sshd *s, const char *path, int depth, struct error *err);

/* The next argument of a line, cut off; quotes hold blanks together. */
static char *
next_argument(char **line)
{
    char *p = *line + strspn(*line, " \t=");

    if (!*p || *p == '#')
        return NULL;
    char *end = *p == '"' ? strchr(++p, '"') : p + strcspn(p, " \t=");
    if (!end)
        end = p + strlen(p);
    *line = *end ? end + 1 : end;
    *end = '\0';
    return p;
}

static int
include(struct sshd *s, const char *pattern, int depth, struct error *err)
{
    cleanup_free char **paths = NULL;
    cleanup_free char *full =
        text_printf("%s%s", pattern[0] == '/' ? "" : "/etc/ssh/", pattern);

    if (!full)
        return error_no_memory(err);
    if (mayfly_glob_expand(s->job->g, full, NULL, &paths) < 0)
        return job_fail(s->job, err);
    for (size_t i = 0; paths[i]; i++)
        if (job_is_file(s->job, paths[i]) &&
            read_config(s, paths[i], depth + 1, err) < 0)
            return -1;
    return 0;
}

static int
set(char **where, char *line, struct error *err)
{
    if (*where)
        return 0;
    *where = strdup(line + strspn(line, " \t="));
    return *where ? 0 : error_no_memory(err);
}

/* Does an argument of the rest of a line, a pattern with "@HOST" or not, match
 * one of NAMES? */
static bool
lists(char *line, char *const *names)
{
    bool found = false;
    char *pattern;

    while ((pattern = next_argument(&line))) {
        pattern[strcspn(pattern, "@")] = '\0';
        for (char *const *name = names; name && *name; name++)
            found |= fnmatch(pattern, *name, 0) == 0;
    }
    return found;
}

/* Unlike others, these keywords add to one another. */
static void
take_lists(struct sshd *s, const char *keyword, char *line)
{
    char user[256];
    char *const one[] = {user, NULL};

    snprintf(user, sizeof user, "%s", s->user);
    if (strcasecmp(keyword, "AllowUsers") == 0) {
        s->has_users = true;
        s->in_users |= lists(line, one);
    } else if (strcasecmp(keyword, "DenyUsers") == 0) {
        s->in_no_users |= lists(line, one);
    } else if (strcasecmp(keyword, "AllowGroups") == 0) {
        s->has_groups = true;
        s->in_groups |= lists(line, s->groups);
    } else if (strcasecmp(keyword, "DenyGroups") == 0) {
        s->in_no_groups |= lists(line, s->groups);
    }
}

static int
read_line(
    struct sshd *s, char *line, int depth, bool *ret_match, struct error *err)
{
    char *keyword = next_argument(&line), *argument;

    if (!keyword)
        return 0;
    if (strcasecmp(keyword, "Match") == 0) {
        argument = next_argument(&line);
        *ret_match = !argument || strcasecmp(argument, "all") != 0;
    }
    if (*ret_match)
        return 0;
    if (strcasecmp(keyword, "AuthorizedKeysFile") == 0)
        return set(&s->key_files, line, err);
    if (strcasecmp(keyword, "PubkeyAuthentication") == 0)
        return set(&s->pubkey, line, err);
    if (strcasecmp(keyword, "PermitRootLogin") == 0)
        return set(&s->root_login, line, err);
    if (strcasecmp(keyword, "UsePAM") == 0)
        return set(&s->pam, line, err);
    if (strcasecmp(keyword, "StrictModes") == 0)
        return set(&s->strict, line, err);
    if (strcasecmp(keyword, "AuthenticationMethods") == 0)
        return set(&s->methods, line, err);
    take_lists(s, keyword, line);
    while (strcasecmp(keyword, "Include") == 0 && depth < DEPTH_MAX &&
           (argument = next_argument(&line)))
        if (include(s, argument, depth, err) < 0)
            return -1;
    return 0;
}

static int
read_config(struct sshd *s, const char *path, int depth, struct error *err)
{
    cleanup_free char *text = job_read(s->job, path, NULL, err);
    char *rest = text, *line;
    bool match = false;
    int r = 0;

    if (!text)
        return -1;
    while (r == 0 && (line = strsep(&rest, "\n"))) {
        line[strcspn(line, "\r")] = '\0';
        r = read_line(s, line, depth, &match, err);
    }
    return r;
}

static bool
is_word(const char *value, const char *word)
{
    size_t n = strlen(word);

    return value && strncasecmp(value, word, n) == 0 &&
           (!value[n] || strchr(" \t#", value[n]));
}

/* Is a key alone enough in one of the lists of methods? */
static bool
is_key_enough(char *methods)
{
    char *list;

    while ((list = next_argument(&methods)))
        if (strcasecmp(list, "any") == 0 ||
            (strncasecmp(list, "publickey", 9) == 0 &&
                (!list[9] || list[9] == ':')))
            return true;
    return false;
}

/* Is ~/.ssh/authorized_keys one of the files? */
static bool
is_usual_file(char *files, const char *home)
{
    char *file;

    while ((file = next_argument(&files))) {
        const char *rest = str_after(file, "%h/");
        if (!rest && (rest = str_after(file, home)))
            rest = *rest == '/' ? rest + 1 : NULL;
        if (str_equal(rest ? rest : file, ".ssh/authorized_keys"))
            return true;
    }
    return false;
}

/* group(5): NAME:x:GID:USER,USER... */
static int
read_groups(struct sshd *s, int gid, struct error *err)
{
    if (!job_is_file(s->job, "/etc/group"))
        return 0;
    cleanup_free char *text = job_read(s->job, "/etc/group", NULL, err);
    char *rest = text, *line;

    if (!text)
        return -1;
    while ((line = strsep(&rest, "\n"))) {
        const char *name = strsep(&line, ":");
        const char *number =
            line && strsep(&line, ":") ? strsep(&line, ":") : NULL;
        bool is_in = number && *number && atoi(number) == gid;
        char *member;

        while (number && (member = strsep(&line, ",")))
            is_in |= str_equal(member, s->user);
        if (is_in && strv_append(&s->groups, name) < 0)
            return error_no_memory(err);
    }
    return 0;
}

static void
warn_lists(const struct sshd *s)
{
    const char *keyword = s->in_no_users                   ? "DenyUsers"
                          : s->has_users && !s->in_users   ? "AllowUsers"
                          : s->in_no_groups                ? "DenyGroups"
                          : s->has_groups && !s->in_groups ? "AllowGroups"
                                                           : NULL;

    if (keyword)
        tool_warning(
            "the guest's sshd does not let %s in (%s)", s->user, keyword);
}

/* The settings of the whole system; SUSE's are in /usr unless replaced. */
static const char *
find_config(struct job *job)
{
    static const char *const paths[] = {
        "/etc/ssh/sshd_config", "/usr/etc/ssh/sshd_config"};

    for (size_t i = 0; i < N_ELEMENTS(paths); i++)
        if (job_is_file(job, paths[i]))
            return paths[i];
    return NULL;
}

/* Alpine has one with PAM and one without. */
static bool
uses_pam(struct job *job, const struct sshd *s)
{
    static const char *const without[] = {"alpine", "alpinelinux", NULL};

    return is_word(s->pam, "yes") && (!job_is_distro(job, without) ||
                                         job_exists(job, "/usr/sbin/sshd.pam"));
}

static int
warn(struct sshd *s, const struct account *a, const char *folder,
    const char *file, struct error *err)
{
    cleanup_free char *files = s->key_files ? strdup(s->key_files) : NULL;
    cleanup_free char *methods = s->methods ? strdup(s->methods) : NULL;
    bool root = str_equal(a->name, "root");

    if ((s->key_files && !files) || (s->methods && !methods))
        return error_no_memory(err);
    if (files && !is_usual_file(files, a->home))
        tool_warning("the key of %s is in %s, but the guest's sshd reads keys "
                     "from %s only (AuthorizedKeysFile)",
            a->name, file, s->key_files);
    if (is_word(s->pubkey, "no"))
        tool_warning("the guest's sshd lets no one in by a key "
                     "(PubkeyAuthentication no)");
    if (root && is_word(s->root_login, "no"))
        tool_warning("the guest's sshd does not let root in "
                     "(PermitRootLogin no)");
    if (root && is_word(s->root_login, "forced-commands-only"))
        tool_warning("the guest's sshd lets root in for fixed commands only "
                     "(PermitRootLogin forced-commands-only)");
    if (methods && !is_key_enough(methods))
        tool_warning("the guest's sshd wants more than a key "
                     "(AuthenticationMethods %s)",
            s->methods);
    warn_lists(s);
    if (!uses_pam(s->job, s) && login_check_lock(s->job, a->name, err) < 0)
        return -1;
    return is_word(s->strict, "no")
               ? 0
               : login_check_modes(s->job, a, folder, file, err);
}

int
sshd_check(struct job *job, const struct account *a, const char *folder,
    const char *file, struct error *err)
{
    struct sshd s = {.job = job, .user = a->name};
    const char *config = find_config(job);

    if (login_check_account(job, a, err) < 0)
        return -1;
    if (!config)
        return str_equal(folder, "/etc/dropbear")
                   ? login_check_modes(job, a, folder, file, err)
                   : 0;
    int r = read_groups(&s, a->gid, err);
    if (r == 0)
        r = read_config(&s, config, 0, err);
    if (r == 0)
        r = warn(&s, a, folder, file, err);
    strv_free(s.groups);
    free(s.key_files);
    free(s.pubkey);
    free(s.root_login);
    free(s.pam);
    free(s.strict);
    free(s.methods);
    return r;
}
