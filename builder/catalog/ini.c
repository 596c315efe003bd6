/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "builder/catalog/ini.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strv.h"

#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
#define DIGITS  "0123456789"

static const char id_chars[] = LETTERS DIGITS "-._";
static const char key_chars[] = LETTERS DIGITS "_.";
static const char sub_chars[] = LETTERS DIGITS "_,.";

struct parser {
    struct ini *ini;
    unsigned line;
    unsigned blank_lines; /* seen since the last line of the open value */
    bool value_open;      /* a continuation may follow */
    struct error *err;
};

static int
no_memory(struct parser *p)
{
    return error_set(p->err, ENOMEM, "no memory for %u lines", p->line);
}

static int
syntax(struct parser *p, const char *what)
{
    return error_set(p->err, EINVAL, "line %u: %s", p->line, what);
}

/* Make room for one more element; the arrays double. */
static void *
grow(void *array, size_t n, size_t element)
{
    if (n & (n - 1))
        return array;
    return reallocarray(array, n ? n * 2 : 1, element);
}

static int
add_section(struct parser *p, const char *s, size_t size)
{
    struct ini *ini = p->ini;
    size_t n = 0;

    while (n + 1 < size && strchr(id_chars, s[n + 1]))
        n++;
    size_t end = n + 2;
    if (n == 0 || end > size || s[n + 1] != ']')
        return syntax(p, "bad section name");
    while (end < size && (s[end] == ' ' || s[end] == '\t'))
        end++;
    if (end != size)
        return syntax(p, "text after a section name");
    if (ini->n_sections == INI_MAX_SECTIONS)
        return syntax(p, "too many sections");

    struct ini_section *more =
        grow(ini->sections, ini->n_sections, sizeof *more);
    if (!more)
        return no_memory(p);
    ini->sections = more;

    char *id = strndup(s + 1, n);
    if (!id)
        return no_memory(p);
    ini->sections[ini->n_sections++] =
        (struct ini_section){.id = id, .line = p->line};
    p->value_open = false;
    return 0;
}

static int
add_field(struct parser *p, const char *s, size_t size)
{
    size_t key = 0, sub = 0;

    while (key < size && strchr(key_chars, s[key]))
        key++;
    size_t equals = key;
    if (key < size && s[key] == '[') {
        while (key + 1 + sub < size && strchr(sub_chars, s[key + 1 + sub]))
            sub++;
        equals = key + sub + 2;
        if (sub == 0 || equals > size || s[equals - 1] != ']')
            return syntax(p, "bad name in [ ]");
    }
    if (key == 0 || equals >= size || s[equals] != '=')
        return syntax(p, "neither [SECTION] nor KEY=VALUE");
    if (p->ini->n_sections == 0)
        return syntax(p, "a field before the first section");

    struct ini_section *section = &p->ini->sections[p->ini->n_sections - 1];
    if (section->n_fields == INI_MAX_FIELDS)
        return syntax(p, "too many fields in a section");

    struct ini_field *more =
        grow(section->fields, section->n_fields, sizeof *more);
    if (!more)
        return no_memory(p);
    section->fields = more;

    cleanup_free char *name = strndup(s, key);
    cleanup_free char *inner = sub ? strndup(s + key + 1, sub) : NULL;
    cleanup_free char *value = strndup(s + equals + 1, size - equals - 1);
    if (!name || !value || (sub && !inner))
        return no_memory(p);
    if (ini_get(section, name, inner))
        return error_set(p->err, EINVAL, "line %u: '%s' appears twice in [%s]",
            p->line, name, section->id);
    section->fields[section->n_fields++] = (struct ini_field){
        .key = steal_pointer(&name),
        .sub = steal_pointer(&inner),
        .value = steal_pointer(&value),
        .line = p->line,
    };
    p->value_open = true;
    p->blank_lines = 0;
    return 0;
}

static int
continue_value(struct parser *p, const char *s, size_t size)
{
    if (!p->value_open)
        return syntax(p, "a continuation without a value");

    struct ini_section *section = &p->ini->sections[p->ini->n_sections - 1];
    struct ini_field *field = &section->fields[section->n_fields - 1];
    size_t before = strlen(field->value), breaks = p->blank_lines + 1;
    char *longer = realloc(field->value, before + breaks + size + 1);

    if (!longer)
        return no_memory(p);
    memset(longer + before, '\n', breaks);
    memcpy(longer + before + breaks, s, size);
    longer[before + breaks + size] = 0;
    field->value = longer;
    p->blank_lines = 0;
    return 0;
}

static int
parse_line(struct parser *p, const char *s, size_t size)
{
    p->line++;
    if (memchr(s, 0, size))
        return syntax(p, "a NUL byte");
    if (size == 0) {
        p->blank_lines++;
        return 0;
    }
    if (s[0] == '#')
        return 0;
    if (s[0] == '[')
        return add_section(p, s, size);
    if (s[0] == ' ' || s[0] == '\t')
        return continue_value(p, s + 1, size - 1);
    return add_field(p, s, size);
}

int
ini_parse(const char *text, size_t size, struct ini *ret, struct error *err)
{
    cleanup_ini struct ini ini = {0};
    struct parser p = {.ini = &ini, .err = err};

    if (size > INI_MAX_SIZE)
        return error_set(err, EFBIG, "longer than %d MiB", INI_MAX_SIZE >> 20);
    while (size > 0) {
        const char *newline = memchr(text, '\n', size);
        size_t length = newline ? (size_t)(newline - text) : size;

        if (parse_line(&p, text, length) < 0)
            return -1;
        length += newline != NULL;
        text += length;
        size -= length;
    }
    *ret = ini;
    ini = (struct ini){0};
    return 0;
}

const char *
ini_get(const struct ini_section *s, const char *key, const char *sub)
{
    for (size_t i = 0; i < s->n_fields; i++) {
        const struct ini_field *f = &s->fields[i];

        if (!str_equal(f->key, key) || !f->sub != !sub)
            continue;
        if (!sub || str_equal(f->sub, sub))
            return f->value;
    }
    return NULL;
}

void
ini_free(struct ini *ini)
{
    for (size_t i = 0; i < ini->n_sections; i++) {
        struct ini_section *s = &ini->sections[i];

        for (size_t j = 0; j < s->n_fields; j++) {
            free(s->fields[j].key);
            free(s->fields[j].sub);
            free(s->fields[j].value);
        }
        free(s->fields);
        free(s->id);
    }
    free(ini->sections);
    *ini = (struct ini){0};
}
