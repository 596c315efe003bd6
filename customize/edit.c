/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "customize/edit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

static bool
same_word(const char *word, size_t n, const char *name, size_t n_name)
{
    return n == n_name && n > 0 && strncmp(word, name, n) == 0;
}

/* Copy one line to OUT with the old names replaced. */
static void
rename_in_line(FILE *out, const char *line, size_t size, const char *old,
    const char *new_name)
{
    static const char blanks[] = " \t\r\n";
    size_t n_old = strlen(old), n_short = strcspn(old, ".");
    size_t n_new_short = strcspn(new_name, ".");
    bool first = true, short_done = false, comment = false;

    for (size_t at = 0; at < size;) {
        size_t n = 0;

        while (at + n < size && strchr(blanks, line[at + n]))
            n++;
        if (n == 0) {
            while (at + n < size && !strchr(blanks, line[at + n]))
                n++;
            comment |= line[at] == '#';
            if (!first && !comment && same_word(line + at, n, old, n_old)) {
                fputs(new_name, out);
                /* Add the short name after a name that has a domain. */
                if (n_old == n_short && new_name[n_new_short] == '.' &&
                    !short_done)
                    fprintf(out, " %.*s", (int)n_new_short, new_name);
                short_done = true;
            } else if (!first && !comment &&
                       same_word(line + at, n, old, n_short)) {
                fprintf(out, "%.*s", (int)n_new_short, new_name);
            } else {
                fwrite(line + at, 1, n, out);
            }
            first = false;
        } else {
            fwrite(line + at, 1, n, out);
        }
        at += n;
    }
}

char *
edit_hosts(
    const char *text, const char *old, const char *new_name, struct error *err)
{
    char *result = NULL;
    size_t size;
    FILE *out = open_memstream(&result, &size);

    if (!out)
        return no_memory(err);
    for (const char *line = text; *line;) {
        size_t n = strcspn(line, "\n");

        n += line[n] == '\n';
        rename_in_line(out, line, n, old, new_name);
        line += n;
    }
    if (fclose(out) != 0) {
        free(result);
        return no_memory(err);
    }
    return result;
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
        const char *rest = str_after(line, name);

        if (rest && *rest == '=') {
            fprintf(out, "%s=%s", name, value);
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
