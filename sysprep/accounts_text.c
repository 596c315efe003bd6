/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "sysprep/accounts_text.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strv.h"

bool
passwd_line_read(const char *line, struct passwd_line *ret)
{
    cleanup_free char *copy = strndup(line, strcspn(line, "\r\n"));
    char *rest = copy, *fields[7] = {NULL}, *end;
    size_t n = 0;

    *ret = (struct passwd_line){0};
    while (n < N_ELEMENTS(fields) && (fields[n] = strsep(&rest, ":")))
        n++;
    if (n < 6 || !*fields[0])
        return false;
    ret->uid = strtol(fields[2], &end, 10);
    if (end == fields[2] || *end)
        return false;
    ret->name = strdup(fields[0]);
    ret->home = strdup(fields[5]);
    if (ret->name && ret->home)
        return true;
    passwd_line_clear(ret);
    return false;
}

void
passwd_line_clear(struct passwd_line *p)
{
    free(p->name);
    free(p->home);
    *p = (struct passwd_line){0};
}

static bool
has(char *const *names, const char *s, size_t n)
{
    for (; names && *names; names++)
        if (strlen(*names) == n && strncmp(*names, s, n) == 0)
            return true;
    return false;
}

/* "a,b,c" of N bytes without NAMES. */
static void
put_members(FILE *out, const char *list, size_t n, char *const *names)
{
    bool first = true;

    for (size_t at = 0; at < n;) {
        size_t length = strcspn(list + at, ",:\r\n");

        if (at + length > n)
            length = n - at;
        if (!has(names, list + at, length)) {
            fprintf(out, "%s%.*s", first ? "" : ",", (int)length, list + at);
            first = false;
        }
        at += length + 1;
    }
}

/* The fields from the third on, in which all but the GID are lists. */
static void
put_group(FILE *out, const char *line, size_t n, char *const *names)
{
    size_t at = 0;

    for (int field = 0; at <= n; field++) {
        size_t length = strcspn(line + at, ":\r\n");

        if (at + length > n)
            length = n - at;
        if (field > 0)
            putc(':', out);
        if (field < 2)
            fwrite(line + at, 1, length, out);
        else
            put_members(out, line + at, length, names);
        at += length + 1;
    }
}

static char *
filter(const char *text, char *const *names, bool members)
{
    char *result = NULL;
    size_t size;
    FILE *out = open_memstream(&result, &size);

    if (!out)
        return NULL;
    while (*text) {
        size_t n = strcspn(text, "\n");

        if (has(names, text, strcspn(text, ":\n"))) {
            text += n + (text[n] == '\n');
            continue;
        }
        /* Of a file that was written on Windows. */
        size_t end = n > 0 && text[n - 1] == '\r' ? n - 1 : n;
        if (members)
            put_group(out, text, end, names);
        else
            fwrite(text, 1, end, out);
        fwrite(text + end, 1, n - end, out);
        text += n;
        if (*text)
            putc(*text++, out);
    }
    if (fclose(out) != 0) {
        free(result);
        return NULL;
    }
    return result;
}

char *
text_without_names(const char *text, char *const *names)
{
    return filter(text, names, false);
}

char *
group_without_names(const char *text, char *const *names)
{
    return filter(text, names, true);
}

long
login_defs_number(const char *text, const char *name, long otherwise)
{
    for (const char *line = text; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        const char *rest = str_after(line + strspn(line, " \t"), name);
        char *end;

        if (!rest || !isblank((unsigned char)*rest))
            continue;
        long n = strtol(rest, &end, 0);
        if (end > rest)
            return n;
    }
    return otherwise;
}
