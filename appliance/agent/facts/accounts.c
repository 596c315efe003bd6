/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Users and groups, and who can log in.  Only whether there is a password is
 * looked at, never what it is. */
#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "appliance/agent/call/call.h"
#include "appliance/agent/facts/reading.h"
#include "appliance/agent/guest/tree.h"
#include "base/cleanup.h"
#include "base/strv.h"

enum { FIELDS_MAX = 10 };

/* Cut "a:b:c" up; those that are missing are "". */
static unsigned
cut_fields(char *line, char **fields)
{
    static char none[] = "";
    unsigned n = 0;

    for (size_t i = 0; i < FIELDS_MAX; i++)
        fields[i] = none;
    while (n < FIELDS_MAX && line) {
        fields[n++] = line;
        line = strchr(line, ':');
        if (line)
            *line++ = '\0';
    }
    return n;
}

/* A value by a name: sorted, looked up by bisection, since there can be very
 * many. */
struct named {
    const char *name, *value, *changed, *expires;
};

static int
by_name(const void *a, const void *b)
{
    const struct named *x = a, *y = b;

    return strcmp(x->name, y->name);
}

static const struct named *
look_up(const struct list *l, const char *name)
{
    struct named key = {.name = name};

    return l->n > 0
               ? bsearch(&key, l->items, l->n, sizeof(struct named), by_name)
               : NULL;
}

static bool
read_shadow(struct facts *f, struct list *ret)
{
    char *text = fact_file(f, "/etc/shadow"), *line, *field[FIELDS_MAX];
    bool there = text != NULL;

    while ((line = next_line(&text)))
        if (cut_fields(line, field) >= 2)
            *list_add(f->c, ret, struct named) =
                (struct named){field[0], field[1], field[2], field[7]};
    if (ret->n > 0)
        qsort(ret->items, ret->n, sizeof(struct named), by_name);
    return there;
}

static const char *
password_state(const char *field)
{
    static const char *const hashes[] = {"$", "_"};

    if (!field[0])
        return "empty";
    for (size_t i = 0; i < N_ELEMENTS(hashes); i++)
        if (str_after(field, hashes[i]))
            return "set";
    if (field[0] == '!' || field[0] == '*')
        return field[0] == '!' && field[1] && !strchr("!*", field[1]) ? "locked"
                                                                      : "none";
    return strlen(field) == 13 ? "set" : "none";
}

static bool
is_no_shell(const char *shell)
{
    const char *name = strrchr(shell, '/');

    name = name ? name + 1 : shell;
    return str_equal(name, "nologin") || str_equal(name, "false") ||
           str_equal(name, "sync") || str_equal(name, "halt") ||
           str_equal(name, "shutdown");
}

struct member {
    const char *user, *group;
};

static int
by_user(const void *a, const void *b)
{
    const struct member *x = a, *y = b;
    int order = strcmp(x->user, y->user);

    return order ? order : strcmp(x->group, y->group);
}

static void
read_members(struct facts *f, struct list *ret)
{
    enum { MEMBERS_MAX = 1 << 20 };
    char *text = fact_file(f, "/etc/group"), *line, *field[FIELDS_MAX], *user;

    while ((line = next_line(&text))) {
        if (cut_fields(line, field) < 4)
            continue;
        while ((user = fact_word(&field[3], ", ")) && ret->n < MEMBERS_MAX)
            *list_add(f->c, ret, struct member) =
                (struct member){user, field[0]};
    }
    if (ret->n > 0)
        qsort(ret->items, ret->n, sizeof(struct member), by_user);
}

static void
add_groups(struct fact_row *r, const struct list *members, const char *user)
{
    const struct member *m = members->items;
    uint32_t low = 0, high = members->n;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;

        if (strcmp(m[middle].user, user) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < members->n && str_equal(m[low].user, user); low++)
        fact_text(r, "groups", m[low].group);
}

void
facts_users(struct facts *f)
{
    static const char path[] = "/etc/passwd";
    struct list shadow = {0}, members = {0};
    char *text = fact_file(f, path), *line, *field[FIELDS_MAX];
    bool has_shadow = read_shadow(f, &shadow);
    unsigned number = 0;

    read_members(f, &members);
    while ((line = next_line(&text))) {
        number++;
        if (!line[0] || strchr("#+-", line[0]) || cut_fields(line, field) < 7)
            continue;
        struct fact_row r = fact_add(f, field[0], path, number);
        const struct named *s = look_up(&shadow, field[0]);
        const char *password = !str_equal(field[1], "x") || !has_shadow
                                   ? field[1]
                               : s ? s->value
                                   : "*";
        const char *state = password_state(password);
        bool shell = !is_no_shell(field[6]);

        fact_text(&r, "uid", field[2]);
        fact_text(&r, "gid", field[3]);
        fact_text(&r, "gecos", field[4]);
        fact_text(&r, "home", field[5]);
        fact_text(&r, "shell", field[6][0] ? field[6] : "/bin/sh");
        fact_text(&r, "password", state);
        /* With a key or by another way than a password is not said here. */
        fact_flag(&r, "shell_login", shell);
        fact_flag(&r, "password_login",
            shell && (str_equal(state, "set") || str_equal(state, "empty")));
        if (s) {
            fact_text(&r, "password_changed_day", s->changed);
            fact_text(&r, "expires_day", s->expires);
        }
        add_groups(&r, &members, field[0]);
    }
}

void
facts_groups(struct facts *f)
{
    static const char path[] = "/etc/group";
    char *text = fact_file(f, path), *line, *field[FIELDS_MAX];
    unsigned number = 0;

    while ((line = next_line(&text))) {
        number++;
        if (!line[0] || strchr("#+-", line[0]) || cut_fields(line, field) < 3)
            continue;
        struct fact_row r = fact_add(f, field[0], path, number);
        fact_text(&r, "gid", field[2]);
        fact_words(&r, "members", field[3], ", ");
    }
}
