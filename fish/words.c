/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "fish/words.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strv.h"

static bool
is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static const char *
skip_blanks(const char *p)
{
    return p + strspn(p, " \t");
}

void
line_free(struct line *line)
{
    for (size_t i = 0; i < line->n_words; i++)
        free(line->words[i].text);
    free(line->words);
    free(line->host);
    *line = (struct line){0};
}

/* Takes over TEXT. */
static int
add_word(struct line *line, char *text, bool quoted, struct error *err)
{
    size_t n = line->n_words;

    if (text && (n & (n + 1)) == 0) {
        struct word *bigger =
            reallocarray(line->words, (n + 1) * 2, sizeof *bigger);

        if (bigger)
            line->words = bigger;
        else
            free(steal_pointer(&text));
    }
    if (!text)
        return error_no_memory(err);
    line->words[line->n_words++] = (struct word){text, quoted};
    return 0;
}

static int
hex_digit(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

static bool
is_octal(char c)
{
    return c >= '0' && c <= '7';
}

/* The escape after the backslash at **P; moves *P past it.  Returns the byte,
 * or -1: an escape is never a NUL. */
static int
read_escape(const char **p, struct error *err)
{
    static const char from[] = "\\abfnrtv\"'?", to[] = "\\\a\b\f\n\r\t\v\"'?";
    const char *s = *p;
    const char *simple = *s ? strchr(from, *s) : NULL;
    int value;

    if (simple) {
        *p = s + 1;
        return (unsigned char)to[simple - from];
    }
    if (s[0] == 'x' && hex_digit(s[1]) >= 0 && hex_digit(s[2]) >= 0) {
        value = hex_digit(s[1]) * 16 + hex_digit(s[2]);
        *p = s + 3;
    } else if (is_octal(s[0]) && is_octal(s[1]) && is_octal(s[2])) {
        value = (s[0] - '0') * 64 + (s[1] - '0') * 8 + s[2] - '0';
        *p = s + 3;
    } else
        return error_set(err, EINVAL,
            "invalid escape sequence in a quoted word; use \\\\ \\a \\b \\f "
            "\\n \\r \\t \\v \\\" \\' \\? \\OOO \\xHH");
    if (value < 1 || value > 255)
        return error_set(err, EINVAL,
            "escape sequence in a quoted word is not a byte from 1 to 255");
    return value;
}

/* "...": **P is after the opening quote, and ends after the closing one. */
static char *
read_escaped(const char **p, struct error *err)
{
    cleanup_free char *text = malloc(strlen(*p) + 1);
    size_t n = 0;

    if (!text)
        return error_no_memory(err), NULL;
    while (**p && **p != '"') {
        if (**p != '\\') {
            text[n++] = *(*p)++;
            continue;
        }
        (*p)++;
        int byte = read_escape(p, err);
        if (byte < 0)
            return NULL;
        text[n++] = (char)byte;
    }
    if (!**p)
        return error_set(err, EINVAL, "unterminated double quote"), NULL;
    (*p)++;
    text[n] = 0;
    return steal_pointer(&text);
}

/* '...' */
static char *
read_raw(const char **p, struct error *err)
{
    const char *end = strchr(*p, '\'');

    if (!end)
        return error_set(err, EINVAL, "unterminated single quote"), NULL;
    char *text = strndup(*p, (size_t)(end - *p));
    if (!text)
        error_no_memory(err);
    *p = end + 1;
    return text;
}

static int
read_word(const char **p, struct line *line, struct error *err)
{
    char quote = **p;

    if (quote != '"' && quote != '\'') {
        size_t n = strcspn(*p, " \t");
        char *text = strndup(*p, n);

        *p += n;
        return add_word(line, text, false, err);
    }
    (*p)++;
    char *text = quote == '"' ? read_escaped(p, err) : read_raw(p, err);
    if (!text)
        return -1;
    if (**p && !is_blank(**p)) {
        free(text);
        return error_set(
            err, EINVAL, "command arguments not separated by whitespace");
    }
    return add_word(line, text, true, err);
}

static int
read_words(const char *p, struct line *line, struct error *err)
{
    for (p = skip_blanks(p); *p; p = skip_blanks(p)) {
        if (*p == '|' && line->n_words > 0) {
            line->host = strdup(p + 1);
            return line->host ? 0 : error_no_memory(err);
        }
        /* The command itself is never quoted. */
        if (line->n_words == 0) {
            size_t n = strcspn(p, " \t");

            if (add_word(line, strndup(p, n), false, err) < 0)
                return -1;
            p += n;
        } else if (read_word(&p, line, err) < 0)
            return -1;
    }
    return 0;
}

static int
parse(const char *p, struct line *line, struct error *err)
{
    p = skip_blanks(p);
    if (!*p || *p == '#')
        return 0;
    while (*p == '-') {
        line->ignore_error = true;
        p = skip_blanks(p + 1);
    }
    if (*p == '!' || (*p == '<' && p[1] == '!')) {
        line->kind = *p == '!' ? LINE_HOST : LINE_SOURCE;
        line->host = strdup(p + (*p == '!' ? 1 : 2));
        return line->host ? 0 : error_no_memory(err);
    }
    if (!*p)
        return error_set(err, EINVAL, "no command follows '-'");
    line->kind = LINE_COMMAND;
    return read_words(p, line, err);
}

int
line_parse(const char *text, struct line *ret, struct error *err)
{
    size_t n = strlen(text);
    cleanup_line struct line line = {0};
    cleanup_free char *copy = NULL;

    if (n > 0 && text[n - 1] == '\r') {
        copy = strndup(text, n - 1);
        if (!copy)
            return error_no_memory(err);
        text = copy;
    }
    if (parse(text, &line, err) < 0) {
        ret->ignore_error = line.ignore_error;
        return -1;
    }
    *ret = line;
    line = (struct line){0};
    return 0;
}

char **
list_parse(const char *text, struct error *err)
{
    cleanup_strv char **list = calloc(2, sizeof(char *));
    cleanup_free char *one = malloc(strlen(text) + 1);
    const char *p = skip_blanks(text);

    if (!list || !one)
        return error_no_memory(err), NULL;
    while (*p) {
        size_t n = 0;

        for (bool quoted = false; *p && (quoted || !is_blank(*p)); p++) {
            if (p[0] == '\\' && p[1] == '\'')
                one[n++] = *++p;
            else if (*p == '\'')
                quoted = !quoted;
            else
                one[n++] = *p;
            if (quoted && !p[1])
                return error_set(err, EINVAL,
                           "unterminated quote in the list '%s'", text),
                       NULL;
        }
        one[n] = 0;
        if (strv_append(&list, one) < 0)
            return error_no_memory(err), NULL;
        p = skip_blanks(p);
    }
    return steal_pointer(&list);
}
