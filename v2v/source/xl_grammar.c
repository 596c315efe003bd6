/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Theory of operation: one pass over the text, whose size is bounded; the
 * scanner never reads past its end.  Lists inside lists (cpuid=) are skipped:
 * they are not needed.  The first error stops the scanner and names the
 * line. */
#include <config.h>

#include "v2v/source/xl_grammar.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strv.h"

enum { STRING_MAX = 4096, NAME_MAX_LENGTH = 64 };

struct scanner {
    const char *at, *end;
    unsigned line;
    struct xl_config *config;
    struct error *err;
};

static int
bad(struct scanner *s, const char *what)
{
    return error_set(s->err, EINVAL, "line %u: %s", s->line, what);
}

static int
no_memory(struct scanner *s)
{
    return error_no_memory(s->err);
}

static int
peek(const struct scanner *s)
{
    return s->at < s->end ? (unsigned char)*s->at : EOF;
}

/* Blanks, comments and continued lines; in a list, newlines too. */
static void
skip_blanks(struct scanner *s, bool newlines)
{
    for (; s->at < s->end; s->at++) {
        if (*s->at == '#') {
            while (s->at < s->end && *s->at != '\n')
                s->at++;
            if (s->at == s->end)
                return;
        }
        if (*s->at == '\\' && s->end - s->at > 1 && s->at[1] == '\n') {
            s->at++;
            s->line++;
        } else if (*s->at == '\n' && newlines) {
            s->line++;
        } else if (!strchr(" \t\r\f\v", *s->at) || !*s->at) {
            return;
        }
    }
}

static bool
is_name_start(int c)
{
    return c == '_' || (c != EOF && isalpha(c));
}

static bool
is_name(int c)
{
    return is_name_start(c) || c == '.' || (c != EOF && isdigit(c));
}

static char *
read_word(struct scanner *s, bool (*belongs)(int c))
{
    const char *start = s->at;

    while (belongs(peek(s)))
        s->at++;
    if (s->at - start > NAME_MAX_LENGTH)
        return bad(s, "a word is too long"), NULL;

    char *word = strndup(start, (size_t)(s->at - start));
    if (!word)
        no_memory(s);
    return word;
}

static bool
is_number(int c)
{
    return c != EOF && (isxdigit(c) || c == 'x');
}

static int
digits(struct scanner *s, int base, int most)
{
    int value = 0, n = 0;

    for (; n < most && peek(s) != EOF; n++, s->at++) {
        int c = tolower(peek(s));
        int digit = isdigit(c) ? c - '0' : isxdigit(c) ? c - 'a' + 10 : 99;

        if (digit >= base)
            break;
        value = value * base + digit;
    }
    if (n == 0 || value == 0 || value > 255)
        return bad(s, "a bad number after a backslash in a string");
    return value;
}

/* The character for \X; the backslash has been read. */
static int
escaped(struct scanner *s)
{
    static const char letters[] = "abfnrtv\\'\"";
    static const char values[] = "\a\b\f\n\r\t\v\\'\"";
    int c = peek(s);
    const char *letter = c != EOF && c ? strchr(letters, c) : NULL;

    if (c >= '0' && c <= '7')
        return digits(s, 8, 3);
    if (c != 'x' && !letter)
        return bad(s, "an unknown character after a backslash in a string");
    s->at++;
    return c == 'x' ? digits(s, 16, 2) : values[letter - letters];
}

static char *
read_string(struct scanner *s)
{
    int quote = peek(s);
    size_t n = 0;
    cleanup_free char *out = malloc(STRING_MAX + 1);

    if (!out)
        return no_memory(s), NULL;
    s->at++;
    for (;;) {
        int c = peek(s);

        if (c == EOF || c == '\n')
            return bad(s, "a string without an end"), NULL;
        s->at++;
        if (c == quote)
            break;
        if (c == 0)
            return bad(s, "a zero byte"), NULL;
        if (c == '\\' && (c = escaped(s)) < 0)
            return NULL;
        if (n == STRING_MAX)
            return bad(s, "a string is too long"), NULL;
        out[n++] = (char)c;
    }
    out[n] = 0;
    return strdup(out);
}

static struct xl_setting *
find(const struct xl_config *config, const char *name)
{
    for (size_t i = 0; i < config->n_settings; i++)
        if (str_equal(config->settings[i].name, name))
            return &config->settings[i];
    return NULL;
}

/* A name on the right side: the value assigned to it, as in Python. */
static char *
read_reference(struct scanner *s)
{
    cleanup_free char *name = read_word(s, is_name);

    if (!name)
        return NULL;
    if (str_equal(name, "True") || str_equal(name, "False"))
        return strdup(str_equal(name, "True") ? "1" : "0");
    if (str_equal(name, "None"))
        return strdup("");

    const struct xl_setting *setting = find(s->config, name);
    if (!setting || setting->is_list)
        return error_set(s->err, EINVAL,
                   "line %u: '%s' was not assigned before; Python code is not "
                   "run",
                   s->line, name),
               NULL;
    return strdup(setting->items[0]);
}

static char *
read_term(struct scanner *s)
{
    int c = peek(s);

    if (c == '\'' || c == '"')
        return read_string(s);
    if (c != EOF && isdigit(c))
        return read_word(s, is_number);
    if (is_name_start(c))
        return read_reference(s);
    return bad(s, "expected a value: a number, a string or a list"), NULL;
}

/* LEFT, which is freed, followed by RIGHT. */
static char *
join(struct scanner *s, char *left, const char *right)
{
    cleanup_free char *owned = left;

    if (strlen(left) + strlen(right) > STRING_MAX)
        return bad(s, "a string is too long"), NULL;

    char *both = text_printf("%s%s", left, right);
    if (!both)
        no_memory(s);
    return both;
}

/* "..." % VALUE: the first %s or %d. */
static char *
format_with(struct scanner *s, char *left, const char *value)
{
    cleanup_free char *owned = left;
    char *place = strchr(left, '%');

    if (!place || (place[1] != 's' && place[1] != 'd' && place[1] != 'i'))
        return bad(s, "only one %s or %d of Python's formats is supported"),
               NULL;
    if (strlen(left) + strlen(value) > STRING_MAX)
        return bad(s, "a string is too long"), NULL;
    *place = 0;

    char *out = text_printf("%s%s%s", left, value, place + 2);
    if (!out)
        no_memory(s);
    return out;
}

static char *
read_scalar(struct scanner *s)
{
    char *value = read_term(s);

    while (value) {
        skip_blanks(s, false);
        int c = peek(s);
        bool format = c == '%';

        if (c == '+' || format) {
            s->at++;
            skip_blanks(s, false);
        } else if (c != '\'' && c != '"') {
            break;
        }
        cleanup_free char *more = read_term(s);
        if (!more) {
            free(value);
            return NULL;
        }
        value = format ? format_with(s, value, more) : join(s, value, more);
    }
    return value;
}

static int
add_item(struct scanner *s, struct xl_setting *to, char *item)
{
    if (!item)
        return s->err->code ? -1 : no_memory(s);
    if (to->n_items == XL_ITEMS_MAX) {
        free(item);
        return bad(s, "a list has too many items");
    }
    if (strv_take(&to->items, item) < 0)
        return no_memory(s);
    to->n_items++;
    return 0;
}

/* After a "[": read the items up to its "]". */
static int
read_list(struct scanner *s, struct xl_setting *to)
{
    unsigned depth = 1;

    while (depth > 0) {
        skip_blanks(s, true);
        int c = peek(s);

        if (c == EOF)
            return bad(s, "a list without an end");
        if (c == '[' || c == ']' || c == ',') {
            depth += c == '[';
            depth -= c == ']';
            s->at++;
            continue;
        }
        cleanup_free char *item = read_scalar(s);
        if (!item)
            return -1;
        if (depth == 1 && add_item(s, to, steal_pointer(&item)) < 0)
            return -1;
        skip_blanks(s, true);
        c = peek(s);
        if (c != ',' && c != ']' && c != EOF)
            return bad(s, "a comma or a ']' is missing in a list");
    }
    return 0;
}

static int
read_value(struct scanner *s, struct xl_setting *to)
{
    skip_blanks(s, false);
    if (peek(s) == '[') {
        s->at++;
        to->is_list = true;
        return read_list(s, to);
    }
    return add_item(s, to, read_scalar(s));
}

static void
clear_setting(struct xl_setting *setting)
{
    free(setting->name);
    strv_free(setting->items);
    *setting = (struct xl_setting){0};
}

/* Put VALUE, whose name is set, into the configuration; a second assignment
 * replaces the first. */
static int
store(struct scanner *s, struct xl_setting *value, bool append)
{
    struct xl_config *config = s->config;
    struct xl_setting *old = find(config, value->name);

    if (old && append) {
        if (old->is_list != value->is_list)
            return bad(s, "'+=' of a list and a string");
        if (!old->is_list) {
            old->items[0] = join(s, old->items[0], value->items[0]);
            return old->items[0] ? 0 : -1;
        }
        for (size_t i = 0; i < value->n_items; i++)
            if (add_item(s, old, strdup(value->items[i])) < 0)
                return -1;
        return 0;
    }
    if (old) {
        clear_setting(old);
    } else {
        if (config->n_settings == XL_SETTINGS_MAX)
            return bad(s, "too many settings");
        struct xl_setting *more = reallocarray(
            config->settings, config->n_settings + 1, sizeof *more);
        if (!more)
            return no_memory(s);
        config->settings = more;
        old = &more[config->n_settings++];
    }
    *old = *value;
    *value = (struct xl_setting){0};
    return 0;
}

static int
read_statement(struct scanner *s)
{
    struct xl_setting value = {0};
    bool append = false;
    int r = -1;

    if (!is_name_start(peek(s)))
        return bad(s, "expected a setting: NAME = VALUE");
    if (!(value.name = read_word(s, is_name)))
        return -1;
    skip_blanks(s, false);
    if (peek(s) == '+' && s->end - s->at > 1 && s->at[1] == '=') {
        append = true;
        s->at++;
    }
    if (peek(s) != '=') {
        error_set(s->err, EINVAL,
            "line %u: no '=' after '%s'; Python code is not run", s->line,
            value.name);
    } else {
        s->at++;
        if (read_value(s, &value) == 0)
            r = store(s, &value, append);
    }
    clear_setting(&value);
    return r;
}

int
xl_parse(
    const char *text, size_t size, struct xl_config *ret, struct error *err)
{
    cleanup_xl struct xl_config config = {0};
    struct scanner s = {text, text + size, 1, &config, err};

    if (size > XL_SIZE_MAX)
        return error_set(err, EFBIG, "larger than %d bytes", XL_SIZE_MAX);
    for (;;) {
        skip_blanks(&s, true);
        if (peek(&s) == EOF)
            break;
        if (peek(&s) == ';') {
            s.at++;
            continue;
        }
        if (read_statement(&s) < 0)
            return -1;
        skip_blanks(&s, false);
        if (peek(&s) != EOF && peek(&s) != '\n' && peek(&s) != ';')
            return bad(&s, "unexpected text after the value");
    }
    *ret = config;
    config = (struct xl_config){0};
    return 0;
}

const char *
xl_text(const struct xl_config *config, const char *name)
{
    const struct xl_setting *setting = find(config, name);

    return setting && !setting->is_list ? setting->items[0] : NULL;
}

char *const *
xl_list(const struct xl_config *config, const char *name)
{
    static char *const nothing[] = {NULL};
    const struct xl_setting *setting = find(config, name);

    if (!setting)
        return NULL;
    return setting->items ? setting->items : nothing;
}

void
xl_clear(struct xl_config *config)
{
    for (size_t i = 0; i < config->n_settings; i++)
        clear_setting(&config->settings[i]);
    free(config->settings);
    *config = (struct xl_config){0};
}
