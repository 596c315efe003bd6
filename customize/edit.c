/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "customize/edit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "base/strv.h"

/* How far to look for the style of the line ends. */
enum { LOOK = 8192 };

static char *
no_memory(struct error *err)
{
    error_no_memory(err);
    return NULL;
}

static const char *
line_end(const char *text, size_t size)
{
    size_t look = size < LOOK ? size : LOOK;
    const char *cr = memchr(text, '\r', look);

    if (!cr)
        return "\n";
    return cr + 1 < text + size && cr[1] == '\n' ? "\r\n" : "\r";
}

char *
edit_append_line(
    const char *text, size_t size, const char *line, struct error *err)
{
    const char *end = line_end(text, size);
    bool whole = size == 0 || text[size - 1] == '\n' || text[size - 1] == '\r';
    char *out = malloc(size + strlen(line) + 2 * strlen(end) + 1);

    if (!out)
        return no_memory(err);
    memcpy(out, text, size);
    sprintf(out + size, "%s%s%s", whole ? "" : end, line, end);
    return out;
}

/* The password field of USER: where it starts, and its length. */
static const char *
find_user(
    const char *text, const char *user, size_t *ret_length, struct error *err)
{
    for (const char *line = text; line; line = strchr(line, '\n')) {
        line += *line == '\n';

        const char *rest = str_after(line, user);
        if (rest && *rest == ':' && *user) {
            *ret_length = strcspn(rest + 1, ":\n");
            return rest + 1;
        }
    }
    error_set(err, ENOENT, "the guest has no user '%s'", user);
    return NULL;
}

char *
edit_shadow(
    const char *text, const char *user, const char *hash, struct error *err)
{
    size_t length;
    const char *field = find_user(text, user, &length, err);

    if (!field)
        return NULL;

    char *out = text_printf(
        "%.*s%s%s", (int)(field - text), text, hash, field + length);
    return out ? out : no_memory(err);
}

/* The number at S, or -1 if it is empty or none. */
static long
day_number(const char *s)
{
    char *end;
    long n = strtol(s, &end, 10);

    return end > s && strchr(":\r\n", *end) && n >= 0 ? n : -1;
}

char *
edit_shadow_day(
    const char *text, const char *user, long today, struct error *err)
{
    size_t length;
    const char *field = find_user(text, user, &length, err);

    if (!field)
        return NULL;

    /* After the password: the day of the change, the days that it must stay,
     * and those that it may. */
    const char *day = field + length + (field[length] == ':');
    const char *end = day + strcspn(day, ":\n");
    const char *max = end;
    if (*max == ':')
        max += 1 + strcspn(max + 1, ":\n");
    long changed = day_number(day);
    long days = *max == ':' ? day_number(max + 1) : -1;
    bool old = field[length] == ':' && changed >= 0 &&
               (changed == 0 || (days >= 0 && today - changed > days));

    char *out =
        old ? text_printf("%.*s%ld%s", (int)(day - text), text, today, end)
            : strdup(text);
    return out ? out : no_memory(err);
}

char *
edit_shadow_field(const char *text, const char *user, struct error *err)
{
    size_t length;
    const char *field = find_user(text, user, &length, err);

    if (!field)
        return NULL;

    char *out = strndup(field, length);
    return out ? out : no_memory(err);
}

/* The value of "NAME=", "export NAME=", with blanks before it, at LINE. */
static const char *
assigned(const char *line, const char *name)
{
    const char *start = line + strspn(line, " \t");
    const char *exported = str_after(start, "export ");
    const char *rest = str_after(exported ? exported : start, name);

    return rest && *rest == '=' ? rest + 1 : NULL;
}

char *
edit_value_of(const char *text, const char *name)
{
    const char *value = NULL;

    /* As for a shell, the last one counts. */
    for (const char *line = text; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        const char *found = assigned(line, name);
        value = found ? found : value;
    }
    if (!value)
        return NULL;
    if (*value == '"' || *value == '\'') {
        const char quote[] = {*value, '\n', '\0'};
        return strndup(value + 1, strcspn(value + 1, quote));
    }
    return strndup(value, strcspn(value, " \t\r\n;#"));
}

char *
edit_hostname_of(const char *text)
{
    for (;;) {
        text += strspn(text, " \t\r\n");
        if (*text != '#')
            return strndup(text, strcspn(text, " \t\r\n"));
        text += strcspn(text, "\n");
    }
}

bool
selinux_is_on(const char *config)
{
    for (const char *line = config; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        line += strspn(line, " \t");
        const char *value = str_after(line, "SELINUX=");
        if (!value)
            continue;
        value += strspn(value, " \t");
        if (strncasecmp(value, "enforcing", 9) == 0 ||
            strncasecmp(value, "permissive", 10) == 0)
            return true;
        if (strncasecmp(value, "disabled", 8) == 0)
            return false;
    }
    return false;
}

char *
edit_assignment(
    const char *text, const char *name, const char *value, struct error *err)
{
    char *result = NULL;
    size_t size;
    FILE *out = open_memstream(&result, &size);
    bool found = false, whole = true;

    if (!out)
        return no_memory(err);
    for (const char *line = text; *line;) {
        size_t n = strcspn(line, "\n");
        const char *old = assigned(line, name);

        if (old) {
            fprintf(out, "%.*s%s", (int)(old - line), line, value);
            if (n > 0 && line[n - 1] == '\r')
                putc('\r', out);
            found = true;
        } else {
            fwrite(line, 1, n, out);
        }
        whole = line[n] == '\n';
        line += n + whole;
        if (whole)
            putc('\n', out);
    }
    if (!found)
        fprintf(out, "%s%s=%s\n", whole ? "" : "\n", name, value);
    if (fclose(out) != 0) {
        free(result);
        return no_memory(err);
    }
    return result;
}

/* The value of "option NAME VALUE" at LINE, or NULL. */
static const char *
option_value(const char *line, const char *name)
{
    const char *word = str_after(line + strspn(line, " \t"), "option");
    size_t blank = word ? strspn(word, " \t") : 0;
    const char *rest = blank ? str_after(word + blank, name) : NULL;

    blank = rest ? strspn(rest, " \t") : 0;
    return blank ? rest + blank : NULL;
}

char *
edit_uci_option(
    const char *text, const char *name, const char *value, struct error *err)
{
    char *result = NULL;
    size_t size;
    FILE *out = open_memstream(&result, &size);

    if (!out)
        return no_memory(err);
    while (*text) {
        size_t n = strcspn(text, "\n");
        const char *old = option_value(text, name);

        if (old && old <= text + n)
            fprintf(out, "%.*s'%s'", (int)(old - text), text, value);
        else
            fwrite(text, 1, n, out);
        text += n;
        if (*text)
            putc(*text++, out);
    }
    if (fclose(out) != 0) {
        free(result);
        return no_memory(err);
    }
    return result;
}
