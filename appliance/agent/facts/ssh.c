/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who may come in by ssh: keys with their options, and what sshd is told.  Of
 * several values of a keyword sshd takes the first. */
#include <config.h>

#include <ctype.h>
#include <fnmatch.h>
#include <string.h>
#include <strings.h>

#include "appliance/agent/call/call.h"
#include "appliance/agent/facts/reading.h"
#include "appliance/agent/guest/tree.h"
#include "base/cleanup.h"
#include "base/strv.h"

enum { INCLUDES_MAX = 64, USERS_MAX = 20000 };

/* --- keys --- */

static bool
is_key_type(const char *word, size_t n)
{
    static const char *const types[] = {"ssh-", "ecdsa-", "sk-", "rsa-"};

    for (size_t i = 0; i < N_ELEMENTS(types); i++)
        if (n > strlen(types[i]) &&
            strncmp(word, types[i], strlen(types[i])) == 0)
            return true;
    return false;
}

/* The end of the options: a blank that is not in quotes. */
static size_t
options_length(const char *text)
{
    bool quoted = false;
    size_t n = 0;

    for (; text[n] && (quoted || !strchr(" \t", text[n])); n++) {
        if (text[n] == '\\' && text[n + 1] == '"')
            n++;
        else if (text[n] == '"')
            quoted = !quoted;
    }
    return n;
}

static void
add_options(struct fact_row *r, char *text)
{
    bool quoted = false;
    char *start = text;

    for (char *p = text;; p++) {
        if (*p == '\\' && p[1] == '"') {
            p++;
        } else if (*p == '"') {
            quoted = !quoted;
        } else if (!*p || (*p == ',' && !quoted)) {
            bool last = !*p;

            *p = '\0';
            fact_text(r, "options", start);
            start = p + 1;
            if (last)
                return;
        }
    }
}

static void
read_keys(struct facts *f, const char *user, const char *path)
{
    char *text = fact_file(f, path), *line;
    unsigned number = 0;

    while ((line = next_line(&text))) {
        number++;
        line = fact_trim(line);
        if (!line[0] || line[0] == '#')
            continue;
        struct fact_row r = fact_add(f, user, path, number);
        if (!is_key_type(line, strcspn(line, " \t"))) {
            size_t n = options_length(line);
            char *rest = line + n + strspn(line + n, " \t");

            line[n] = '\0';
            add_options(&r, line);
            line = rest;
        }
        fact_text(&r, "type", fact_word(&line, " \t"));
        fact_text(&r, "key", fact_word(&line, " \t"));
        fact_text(&r, "comment", fact_trim(line));
    }
}

/* A name or a pattern of sshd: %h, %u and %% in it. */
static char *
expand(struct facts *f, const char *pattern, const char *user, const char *home)
{
    char path[4096];
    size_t used = 0;

    for (const char *p = pattern; *p; p++) {
        const char *add = p[0] != '%'   ? NULL
                          : p[1] == 'h' ? home
                          : p[1] == 'u' ? user
                          : p[1] == '%' ? "%"
                                        : NULL;
        size_t n = add ? strlen(add) : 1;

        if (used + n >= sizeof path)
            return call_strdup(f->c, "");
        memcpy(path + used, add ? add : p, n);
        used += n;
        p += add != NULL;
    }
    path[used] = '\0';
    return path[0] == '/' ? call_strdup(f->c, path)
                          : call_printf(f->c, "%s/%s", home, path);
}

/* --- sshd_config --- */

struct sshd {
    struct facts *f;
    bool rows; /* make them; else only look for the files of keys */
    unsigned includes;
    struct list seen;
    char *key_files; /* NULL: the default */
};

static void read_config(struct sshd *s, const char *path);

static void
include(struct sshd *s, char *patterns)
{
    char *pattern;

    while ((pattern = fact_word(&patterns, " \t\""))) {
        char *whole = pattern[0] == '/'
                          ? pattern
                          : call_printf(s->f->c, "/etc/ssh/%s", pattern);
        char *slash = strrchr(whole, '/');

        if (!strpbrk(slash, "*?[")) {
            read_config(s, whole);
            continue;
        }
        char *folder = call_strndup(s->f->c, whole, (size_t)(slash - whole));
        for (char **name = fact_folder(s->f, folder); *name; name++)
            if (fnmatch(slash + 1, *name, 0) == 0)
                read_config(s, call_printf(s->f->c, "%s/%s", folder, *name));
    }
}

static bool
is_first(struct sshd *s, const char *keyword)
{
    static const char *const several[] = {"Port", "ListenAddress", "HostKey",
        "AcceptEnv", "Subsystem", "AllowUsers", "DenyUsers", "AllowGroups",
        "DenyGroups", "Match"};
    char **seen = s->seen.items;

    for (size_t i = 0; i < N_ELEMENTS(several); i++)
        if (strcasecmp(several[i], keyword) == 0)
            return true;
    for (uint32_t i = 0; i < s->seen.n; i++)
        if (strcasecmp(seen[i], keyword) == 0)
            return false;
    if (s->seen.n < 1000)
        list_add_string(s->f->c, &s->seen, keyword);
    return true;
}

static void
read_config(struct sshd *s, const char *path)
{
    const char *match = "";
    unsigned number = 0;

    if (s->includes++ > INCLUDES_MAX) {
        if (s->includes == INCLUDES_MAX + 2)
            fact_note(s->f, s->f->system->root,
                "facts: %s: sshd includes too many files", path);
        return;
    }
    char *text = fact_file(s->f, path), *line;
    while ((line = next_line(&text))) {
        number++;
        line = fact_trim(line);
        char *keyword = line[0] == '#' ? NULL : fact_word(&line, " \t=");
        char *value = keyword ? fact_trim(line) : NULL;

        if (!keyword)
            continue;
        if (strcasecmp(keyword, "Include") == 0) {
            include(s, value);
            continue;
        }
        if (strcasecmp(keyword, "Match") == 0)
            match = strcasecmp(value, "all") == 0 ? "" : value;
        if (!match[0] && !is_first(s, keyword))
            continue;
        if (!match[0] && strcasecmp(keyword, "AuthorizedKeysFile") == 0)
            s->key_files = value;
        if (!s->rows)
            continue;
        struct fact_row r = fact_add(s->f, keyword, path, number);
        fact_text(&r, "value", value);
        fact_text(&r, "match", match);
    }
}

void
facts_sshd(struct facts *f)
{
    struct sshd s = {.f = f, .rows = true};

    read_config(&s, "/etc/ssh/sshd_config");
}

void
facts_ssh_keys(struct facts *f)
{
    static char usual[] = ".ssh/authorized_keys .ssh/authorized_keys2";
    struct sshd s = {.f = f};
    char *line;
    unsigned n = 0;

    read_config(&s, "/etc/ssh/sshd_config");
    char *text = fact_file(f, "/etc/passwd");
    while ((line = next_line(&text))) {
        char *user = line, *home = line, *rest;

        if (strchr("#+-", line[0]))
            continue;
        for (int i = 0; home && i < 5; i++) {
            home = strchr(home, ':');
            if (home)
                *home++ = '\0';
        }
        if (!home)
            continue;
        home[strcspn(home, ":")] = '\0';
        if (home[0] != '/' || str_equal(home, "/nonexistent"))
            continue;
        if (++n > USERS_MAX) {
            fact_note(f, f->system->root,
                "facts: ssh keys are only looked for in the folders of the "
                "first %d users",
                USERS_MAX);
            return;
        }
        char *files = call_strdup(f->c, s.key_files ? s.key_files : usual);
        const char *file;
        rest = files;
        while ((file = fact_word(&rest, " \t\""))) {
            const char *path = strcasecmp(file, "none") == 0
                                   ? ""
                                   : expand(f, file, user, home);

            if (fact_exists(f, path))
                read_keys(f, user, path);
        }
    }
}
