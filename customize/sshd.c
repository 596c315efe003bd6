/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sshd_config(5), as far as it decides whether a key lets its user in.  The
 * first value of a keyword counts; keywords have no case; Include names other
 * files, by patterns; after Match a file is about some users or hosts only. */
#include <config.h>

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "customize/operations.h"
#include "tool/print.h"

#define CONFIG "/etc/ssh/sshd_config"

enum { DEPTH_MAX = 8 };

struct sshd {
    struct job *job;
    char *key_files, *pubkey, *root_login; /* NULL: not set */
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
is_no(const char *value)
{
    return value && strncasecmp(value, "no", 2) == 0 &&
           (!value[2] || strchr(" \t#", value[2]));
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

int
sshd_check(
    struct job *job, const char *user, const char *home, struct error *err)
{
    struct sshd s = {.job = job};

    if (!job_is_file(job, CONFIG))
        return 0;
    int r = read_config(&s, CONFIG, 0, err);
    cleanup_free char *files = s.key_files ? strdup(s.key_files) : NULL;
    if (r == 0 && files && !is_usual_file(files, home))
        tool_warning("the key of %s is in %s/.ssh/authorized_keys, but the "
                     "guest's sshd reads keys from %s only "
                     "(AuthorizedKeysFile)",
            user, home, s.key_files);
    if (r == 0 && is_no(s.pubkey))
        tool_warning("the guest's sshd lets no one in by a key "
                     "(PubkeyAuthentication no)");
    if (r == 0 && is_no(s.root_login) && str_equal(user, "root"))
        tool_warning("the guest's sshd does not let root in "
                     "(PermitRootLogin no)");
    free(s.key_files);
    free(s.pubkey);
    free(s.root_login);
    return r;
}
