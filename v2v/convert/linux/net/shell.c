/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "v2v/convert/linux/net/shell.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strv.h"

static bool
is_name(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

static void
put(char **to, char c)
{
    if (*to)
        *(*to)++ = c;
}

/* Copy the value at P to TO, if that is not NULL, without quotes; returns its
 * end. */
static const char *
take_value(const char *p, char *to, unsigned *lines)
{
    bool is_array = *p == '(';
    char quote = 0;

    for (p += is_array; *p; p++) {
        if (*p == '\n')
            (*lines)++;
        if (quote && *p == quote)
            quote = 0;
        else if (!quote && (*p == '"' || *p == '\''))
            quote = *p;
        else if (*p == '\\' && quote != '\'' && p[1]) {
            if (p[1] == '\n')
                (*lines)++;
            else
                put(&to, p[1]);
            p++;
        } else if (!quote && is_array && *p == ')') {
            p++;
            break;
        } else if (!quote && is_array && isspace((unsigned char)*p))
            put(&to, ' ');
        else if (!quote && (isspace((unsigned char)*p) || *p == ';')) {
            if (*p == '\n')
                (*lines)--;
            break;
        } else
            put(&to, *p);
    }
    put(&to, 0);
    return p;
}

int
shell_next(
    struct shell_text *t, char **ret_name, char **ret_value, struct error *err)
{
    const char *p = t->text;

    for (; *p; p += *p == '\n') {
        unsigned lines = 0, unused = 0;
        const char *name, *end;

        t->line++;
        p += strspn(p, " \t");
        if (str_after(p, "export "))
            p += strlen("export ");
        for (name = end = p; is_name(*end); end++)
            ;
        if (end == name || *end != '=' || isdigit((unsigned char)*name)) {
            p += strcspn(p, "\n");
            continue;
        }

        /* Not the length of all that follows, for each assignment. */
        const char *begin = end + 1;
        p = take_value(begin, NULL, &unused);
        cleanup_free char *value = malloc((size_t)(p - begin) + 1);
        if (!value)
            return error_no_memory(err);
        take_value(begin, value, &lines);
        /* What follows on the line is a comment, or not ours. */
        p += strcspn(p, "\n");
        t->text = p + (*p == '\n');
        if (!(*ret_name = strndup(name, (size_t)(end - name))))
            return error_no_memory(err);
        *ret_value = steal_pointer(&value);
        t->line += lines;
        return 1;
    }
    t->text = p;
    return 0;
}
