/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Facts for people: a heading for each section, a line for each row. */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "inspector/document.h"
#include "inspector/facts.h"
#include "inspector/lifecycle.h"
#include "tool/print.h"

static void
put(FILE *f, const char *text)
{
    cleanup_free char *escaped = text_escape_controls(text);

    fputs(escaped ? escaped : "?", f);
}

/* "addresses=10.0.0.1,10.0.0.2"; values with blanks in quotes. */
static void
put_values(FILE *f, const struct mayfly_inspection_fact *x)
{
    enum { SHOWN_MAX = 12 };

    for (uint32_t i = 0; i < x->n_values; i++) {
        const char *name = x->values[i].name, *value = x->values[i].value;
        unsigned n = 0;
        bool again = false;

        for (uint32_t k = 0; k < i; k++)
            again |= str_equal(x->values[k].name, name);
        if (again)
            continue;
        putc(' ', f);
        put(f, name);
        putc('=', f);
        if (strpbrk(value, " \t\n"))
            putc('"', f);
        for (uint32_t k = i; k < x->n_values; k++) {
            if (!str_equal(x->values[k].name, name))
                continue;
            if (n++ == SHOWN_MAX) {
                fputs(",...", f);
                break;
            }
            if (n > 1)
                putc(',', f);
            put(f, x->values[k].value);
        }
        if (strpbrk(value, " \t\n"))
            putc('"', f);
    }
}

static void
put_section(FILE *f, const struct mayfly_inspection_root *s, const char *name)
{
    bool first = true;

    for (uint32_t i = 0; i < s->n_facts; i++) {
        const struct mayfly_inspection_fact *x = &s->facts[i];

        if (!str_equal(x->section, name))
            continue;
        if (first)
            fprintf(f, "%s\n", name);
        first = false;
        fputs("  ", f);
        put(f, x->subject);
        putc(':', f);
        put_values(f, x);
        if (x->path[0]) {
            fputs("  [", f);
            put(f, x->path);
            if (x->line)
                fprintf(f, ":%d", (int)x->line);
            putc(']', f);
        }
        putc('\n', f);
    }
}

int
facts_print_text(const struct mayfly_inspection *found, char *const *wanted,
    struct error *err)
{
    cleanup_free char *out = NULL;
    size_t size = 0;
    FILE *f = open_memstream(&out, &size);

    if (!f)
        return error_no_memory(err);
    for (uint32_t i = 0; i < found->n_roots; i++) {
        const struct mayfly_inspection_root *s = &found->roots[i];
        char eol[16];
        const char *source = lifecycle_end(s, eol);

        put(f, s->root);
        fputs(": ", f);
        put(f, s->product_name[0] ? s->product_name : s->distro);
        if (s->hostname[0]) {
            fputs(", host ", f);
            put(f, s->hostname);
        }
        if (source)
            fprintf(f, ", supported until %s (%s)", eol, source);
        putc('\n', f);
        for (char *const *name = wanted; *name; name++)
            put_section(f, s, *name);
    }
    for (uint32_t i = 0; i < found->n_notes; i++) {
        fputs("note: ", f);
        put(f, found->notes[i].subject);
        fputs(": ", f);
        put(f, found->notes[i].text);
        putc('\n', f);
    }
    if (fclose(f) != 0)
        return error_no_memory(err);
    return document_write(out, size, err);
}
