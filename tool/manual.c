/* SPDX-License-Identifier: GPL-2.0-or-later */
/* --print-manual: the manual page.  The build calls it; what is said of an
 * option is said once, in its table, and more in a struct tool_detail. */
#include <config.h>

#include "tool/manual.h"

#include <ctype.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "tool/environment.h"
#include "tool/exit.h"
#include "tool/print.h"
#include "tool/roff.h"
#include "tool/table.h"

static const struct {
    int code;
    const char *text;
} meanings[] = {
    {TOOL_OK, "Success."},
    {TOOL_FAILED, "The job failed."},
    {TOOL_USAGE, "The command line is wrong; nothing was done."},
    {TOOL_INPUT, "An input image cannot be opened or understood."},
    {TOOL_KEYS, "Something is encrypted and no key opens it."},
    {TOOL_NO_OS, "No operating system was found."},
    {TOOL_APPLIANCE, "The appliance, or QEMU, cannot start."},
    {TOOL_HUNG_UP, "Ended by SIGHUP, after cleaning up."},
    {TOOL_INTERRUPTED, "Ended by SIGINT (Ctrl-C), after cleaning up."},
    {TOOL_PIPE_CLOSED,
        "Standard output was closed before all was written, as by `head`."},
    {TOOL_TERMINATED, "Ended by SIGTERM, after cleaning up."},
};

const char *
exit_meaning(int code)
{
    for (size_t i = 0; i < N_ELEMENTS(meanings); i++)
        if (meanings[i].code == code)
            return meanings[i].text;
    return NULL;
}

static bool
is_named(const struct tool_option *o, const char *name)
{
    return (o->name && str_equal(o->name, name)) ||
           (o->letter && name[0] == o->letter && !name[1]);
}

static const char *
find_detail(const struct tool_detail *d, const struct tool_option *o)
{
    for (; d && d->option; d++)
        if (is_named(o, d->option))
            return d->text;
    return NULL;
}

static const char *
detail(const struct tool_manual *m, const struct tool_option *o)
{
    const char *text = find_detail(m->details, o);

    if (!text)
        text = find_detail(m->group_details, o);
    return text ? text : shared_detail(o);
}

/* A text for an option that has gone would never be read. */
static int
check_details(const struct tool_program *program, const struct tool_detail *d)
{
    for (; d && d->option; d++) {
        const struct tool_option *o;
        bool found = false;

        for (size_t i = 0; (o = table_at(program, i)); i++)
            found |= is_named(o, d->option);
        if (!found) {
            tool_error(
                "the manual explains '%s', which is no option", d->option);
            return -1;
        }
    }
    return 0;
}

static bool
is_heading(const struct tool_option *o)
{
    return !o->name && !o->letter;
}

static bool
same_text(const char *a, const char *b)
{
    return a == b || (a && b && !strcmp(a, b));
}

/* Options one after the other that are explained by the same words. */
static bool
explained_together(const struct tool_manual *m, const struct tool_option *a,
    const struct tool_option *b)
{
    return a && b && !is_heading(a) && !is_heading(b) &&
           same_text(a->help, b->help) && same_text(detail(m, a), detail(m, b));
}

static void
put_option_name(FILE *out, const struct tool_option *o)
{
    if (o->letter)
        fprintf(out, "\\fB\\-%c\\fR%s", o->letter, o->name ? ", " : "");
    if (o->name) {
        fputs("\\fB", out);
        roff_plain(out, table_dashes(o));
        roff_plain(out, o->name);
        fputs("\\fR", out);
    }
    if (table_optional_value(o))
        fprintf(
            out, "[=\\fI%.*s\\fR]", (int)strlen(o->value) - 2, o->value + 1);
    else if (o->value)
        fprintf(out, " \\fI%s\\fR", o->value);
    putc('\n', out);
}

static void
put_option(FILE *out, const struct tool_program *program, size_t i)
{
    const struct tool_manual *m = program->manual;
    const struct tool_option *o = table_at(program, i);
    const struct tool_option *before = i > 0 ? table_at(program, i - 1) : NULL;
    const char *more = detail(m, o);

    fputs(explained_together(m, before, o) ? ".TQ\n" : ".TP\n", out);
    put_option_name(out, o);
    if (explained_together(m, o, table_at(program, i + 1)))
        return;
    if (o->help)
        roff_sentence(out, o->help);
    if (more)
        roff_item_text(out, more);
}

static void
put_synopsis(FILE *out, const struct tool_program *program)
{
    const char *line = program->usage;

    fputs(".SH SYNOPSIS\n.nf\n", out);
    while (line && *line) {
        int n = (int)strcspn(line, "\n");
        cleanup_free char *text = text_printf("%.*s", n, line);

        fputs("\\fB", out);
        roff_plain(out, program->name);
        fputs("\\fR ", out);
        roff_plain(out, text ? text : "");
        putc('\n', out);
        line += n;
        if (*line)
            line++;
    }
    fputs(".fi\n", out);
}

static void
put_options(FILE *out, const struct tool_program *program)
{
    const struct tool_option *o;
    const struct tool_option *common = shared_at(program->groups, 0);

    fputs(".SH OPTIONS\n", out);
    for (size_t i = 0; (o = table_at(program, i)); i++) {
        if (i > 0 && o == common)
            fputs(".SS Common options\n", out);
        if (is_heading(o))
            roff_macro(out, "SS", o->help);
        else
            put_option(out, program, i);
    }
    fputs(".TP\n\\fB\\-\\-help\\fR\nPrint a summary.\n"
          ".TP\n\\fB\\-V\\fR, \\fB\\-\\-version\\fR\nPrint the version.\n",
        out);
}

static void
put_statuses(FILE *out, const struct tool_manual *m)
{
    fputs(".SH EXIT STATUS\n", out);
    for (size_t i = 0; i == 0 || m->statuses[i].code || m->statuses[i].text;
         i++) {
        const struct tool_status *s = &m->statuses[i];

        fprintf(out, ".TP\n\\fB%d\\fR\n", s->code);
        roff_item_text(out, s->text ? s->text : exit_meaning(s->code));
    }
}

static void
put_examples(FILE *out, const struct tool_manual *m)
{
    fputs(".SH EXAMPLES\n", out);
    for (const struct tool_example *e = m->examples; e->text; e++) {
        if (e != m->examples)
            fputs(".PP\n", out);
        roff_text(out, e->text);
        roff_code(out, e->command);
    }
}

int
table_manual(const struct tool_program *program, FILE *out)
{
    const struct tool_manual *m = program->manual;

    if (check_details(program, m->details) < 0 ||
        check_details(program, m->group_details) < 0)
        return -1;
    fputs(".TH ", out);
    for (const char *p = program->name; *p; p++)
        putc(toupper((unsigned char)*p), out);
    fprintf(out, " 1 \"\" \"mayfly %s\" \"User Commands\"\n", PACKAGE_VERSION);
    fputs(".SH NAME\n", out);
    roff_plain(out, program->name);
    fputs(" \\- ", out);
    roff_plain(out, program->summary);
    putc('\n', out);
    put_synopsis(out, program);
    fputs(".SH DESCRIPTION\n", out);
    roff_text(out, m->description);
    put_options(out, program);
    for (const struct tool_section *s = m->sections; s && s->title; s++) {
        roff_macro(out, "SH", s->title);
        roff_text(out, s->text);
    }
    if (m->put_more)
        m->put_more(out);
    put_statuses(out, m);
    environment_manual(program->name, out);
    files_manual(program->name, out);
    put_examples(out, m);
    roff_see_also(out, m->see_also);
    return 0;
}

void
table_options(const struct tool_program *program, FILE *out)
{
    const struct tool_option *o;

    for (size_t i = 0; (o = table_at(program, i)); i++) {
        if (is_heading(o))
            continue;
        putc(o->help ? '+' : '-', out);
        if (o->letter)
            fprintf(out, "-%c%s", o->letter, o->name ? ", " : "");
        if (o->name)
            fprintf(out, "%s%s", table_dashes(o), o->name);
        putc('\n', out);
    }
    fputs("+--help\n+-V, --version\n", out);
}

void
table_examples(const struct tool_program *program, FILE *out)
{
    for (const struct tool_example *e = program->manual->examples; e->text;
         e++) {
        fputs(e->needs ? e->needs : "", out);
        putc(0, out);
        fputs(e->command, out);
        putc(0, out);
    }
}

void
table_statuses(const struct tool_program *program, FILE *out)
{
    const struct tool_status *s = program->manual->statuses;

    for (size_t i = 0; i == 0 || s[i].code || s[i].text; i++)
        fprintf(out, "%d\n", s[i].code);
}
