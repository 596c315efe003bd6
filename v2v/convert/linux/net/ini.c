/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "v2v/convert/linux/net/ini.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

static char *
strip(char *text)
{
    size_t n;

    while (isspace((unsigned char)*text))
        text++;
    n = strlen(text);
    while (n > 0 && isspace((unsigned char)text[n - 1]))
        text[--n] = 0;
    return text;
}

/* The next line without what ends it; NULL at the end. */
static char *
next_line(struct ini_text *t)
{
    char *line = strsep(&t->rest, "\n");

    if (!line)
        return NULL;
    t->line += 1 + t->joined;
    t->joined = 0;
    /* A comment ends with its line. */
    if (!t->continues || strchr("#;", line[strspn(line, " \t")]))
        return line;
    for (char *p = line; t->rest;) {
        size_t n = strlen(p);

        if (n == 0 || p[n - 1] != '\\')
            break;
        p[n - 1] = p[n] = ' ';
        p = strsep(&t->rest, "\n");
        t->joined++;
    }
    return line;
}

bool
ini_next(struct ini_text *t)
{
    char *line;

    while ((line = next_line(t))) {
        char *equals, *end;

        line = strip(line);
        if (line[0] == '#' || line[0] == ';')
            continue;
        if (line[0] == '[' && (end = strrchr(line, ']'))) {
            *end = 0;
            t->section = line + 1;
            continue;
        }
        if (!t->section || !(equals = strchr(line, '=')))
            continue;
        *equals = 0;
        t->key = strip(line);
        t->value = strip(equals + 1);
        return true;
    }
    return false;
}

bool
ini_is(const struct ini_text *t, const char *section, const char *key)
{
    return strcmp(t->section, section) == 0 && strcmp(t->key, key) == 0;
}
