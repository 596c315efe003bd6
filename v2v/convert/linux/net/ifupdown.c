/* SPDX-License-Identifier: GPL-2.0-or-later */
/* interfaces(5), as ifupdown, ifupdown2, ifupdown-ng and busybox read it. */
#include <config.h>

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "v2v/convert/linux/net/settings.h"

/* The state between two lines. */
struct state {
    struct net_settings *s;
    const char *file;
    char ***ret_more;
    unsigned line;
    char *stanza; /* the interface of the current one; NULL: none */
};

static char *
next_word(char **rest)
{
    char *word = *rest + strspn(*rest, " \t");
    size_t n = strcspn(word, " \t");

    if (n == 0)
        return NULL;
    *rest = word + n + (word[n] != 0);
    word[n] = 0;
    return word;
}

static int
add(struct state *t, const char *name, const char *owner, bool starts,
    struct error *err)
{
    const struct net_setting item = {
        /* ifupdown writes patterns with a slash before them. */
        .name = name + (name[0] == '/'),
        .owner = owner,
        .file = t->file,
        .line = t->line,
        .starts = starts,
        .by_auto = true,
    };

    return net_add(t->s, &item, err);
}

/* auto eth0 eth1=home /ens* */
static int
take_auto(struct state *t, char *rest, struct error *err)
{
    char *word;

    while ((word = next_word(&rest))) {
        char *equals = strchr(word, '=');

        if (equals)
            *equals = 0;
        word += word[0] == '/';
        if (equals && add(t, word, NULL, true, err) < 0)
            return -1;
        if (net_add_word(t->s, t->file, &t->s->autos, word, err) < 0)
            return -1;
    }
    return 0;
}

static int
take_stanza(struct state *t, char *rest, struct error *err)
{
    char *name = next_word(&rest);

    free(steal_pointer(&t->stanza));
    if (!name)
        return 0;
    name[strcspn(name, "=")] = 0;
    if (!(t->stanza = strdup(name)))
        return error_no_memory(err);
    return add(t, name, NULL, false, err);
}

static bool
is_option(const char *word, const char *name)
{
    for (; *word && *name; word++, name++)
        if (*word != *name && !(*word == '_' && *name == '-'))
            return false;
    return *word == *name;
}

/* The cards below a bond, a bridge or a VLAN. */
static int
take_members(struct state *t, char *rest, struct error *err)
{
    bool is_regex = false;
    char *word;

    if (net_add_word(t->s, t->file, &t->s->virtuals, t->stanza, err) < 0)
        return -1;
    while ((word = next_word(&rest))) {
        size_t n = strlen(word);

        is_regex |= str_equal(word, "regex");
        if (str_equal(word, "none") || str_equal(word, "all") ||
            str_equal(word, "regex") || str_equal(word, "noregex"))
            continue;
        if (is_regex && n > 2 && str_equal(word + n - 2, ".*"))
            memcpy(word + n - 2, "*", sizeof "*");
        if (add(t, word, t->stanza, false, err) < 0)
            return -1;
    }
    return 0;
}

static int
take_option(struct state *t, const char *word, char *rest, struct error *err)
{
    static const char *const members[] = {"bond-slaves", "slaves",
        "bond-members", "bridge-ports", "ports", "vlan-raw-device",
        "team-ports"};

    for (size_t i = 0; t->stanza && i < N_ELEMENTS(members); i++)
        if (is_option(word, members[i]))
            return take_members(t, rest, err);
    return 0;
}

/* Names in it are relative to the folder of the file. */
static int
include(struct state *t, char kind, const char *path, struct error *err)
{
    cleanup_free char *folder = path_folder(t->file);

    if (!folder)
        return error_no_memory(err);
    /* One more than are read, so that this is noticed. */
    if (strv_length(*t->ret_more) > NET_INCLUDES_MAX)
        return 0;
    return strv_take(t->ret_more,
               text_printf("%c%s%s%s", kind, path[0] == '/' ? "" : folder,
                   path[0] == '/' ? "" : "/", path)) < 0
               ? error_no_memory(err)
               : 0;
}

static int
take_line(struct state *t, char *line, struct error *err)
{
    char *rest = line, *word = next_word(&rest), *path;

    if (!word || word[0] == '#')
        return 0;
    if (str_equal(word, "auto") || str_after(word, "allow-"))
        return take_auto(t, rest, err);
    if (str_equal(word, "iface") || str_equal(word, "mapping") ||
        str_equal(word, "interface"))
        return take_stanza(t, rest, err);
    if (str_equal(word, "source") || str_equal(word, "source-directory")) {
        free(steal_pointer(&t->stanza));
        while ((path = next_word(&rest)))
            if (include(t, word[6] ? 'd' : 'f', path, err) < 0)
                return -1;
        return 0;
    }
    return take_option(t, word, rest, err);
}

int
net_read_ifupdown(struct net_settings *s, const char *file, const char *text,
    char ***ret_more, struct error *err)
{
    struct state t = {.s = s, .file = file, .ret_more = ret_more};
    cleanup_free char *copy = strdup(text);
    char *p = copy;
    int r = 0;

    if (!copy)
        return error_no_memory(err);
    while (r == 0 && *p) {
        char *line = p, *end;

        t.line++;
        /* A backslash at its end joins a line with the next one. */
        while ((end = strchr(p, '\n')) && end > line && end[-1] == '\\') {
            end[-1] = *end = ' ';
            p = end;
            t.line++;
        }
        p = end ? end + 1 : p + strlen(p);
        if (end)
            *end = 0;
        line[strcspn(line, "\r")] = 0;
        r = take_line(&t, line, err);
    }
    free(t.stanza);
    return r;
}
