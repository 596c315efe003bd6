/* SPDX-License-Identifier: GPL-2.0-or-later */
/* --help: two columns, the second one wrapped at 80. */
#include <config.h>

#include <string.h>

#include "tool/table.h"

enum { HELP_COLUMN = 30, WIDTH = 79 };

static int
option_width(const struct tool_option *o)
{
    int n = 6;

    if (o->name)
        n += (int)(strlen(table_dashes(o)) + strlen(o->name));
    if (o->value)
        n += 1 + (int)strlen(o->value);
    return n;
}

static void
print_wrapped(FILE *out, const char *text, int column)
{
    int at = column;

    while (*text) {
        int n = (int)strcspn(text, " ");

        if (at > column && at + 1 + n > WIDTH) {
            fprintf(out, "\n%*s", column, "");
            at = column;
        } else if (at > column) {
            putc(' ', out);
            at++;
        }
        fprintf(out, "%.*s", n, text);
        at += n;
        text += n;
        while (*text == ' ')
            text++;
    }
    putc('\n', out);
}

static void
print_option(FILE *out, const struct tool_option *o)
{
    if (o->letter)
        fprintf(out, "  -%c%s", o->letter, o->name ? ", " : "  ");
    else
        fputs("      ", out);
    if (o->name)
        fprintf(out, "%s%s", table_dashes(o), o->name);
    if (table_optional_value(o))
        fprintf(out, "[=%s", o->value + 1);
    else if (o->value)
        fprintf(out, " %s", o->value);
    int width = option_width(o);
    if (width + 2 > HELP_COLUMN)
        fprintf(out, "\n%*s", HELP_COLUMN, "");
    else
        fprintf(out, "%*s", HELP_COLUMN - width, "");
    print_wrapped(out, o->help, HELP_COLUMN);
}

static void
print_usage(FILE *out, const struct tool_program *program)
{
    const char *line = program->usage;

    for (bool first = true; line && *line; first = false) {
        int n = (int)strcspn(line, "\n");

        fprintf(out, "%s %s %.*s\n", first ? "Usage:" : "      ", program->name,
            n, line);
        line += n;
        if (*line)
            line++;
    }
}

void
table_help(const struct tool_program *program, FILE *out)
{
    static const struct tool_option builtin[] = {
        {"help", 0, NULL, "show this help", NULL, 0},
        {"version", 'V', NULL, "show the version", NULL, 0},
    };
    const struct tool_option *o;

    fprintf(out, "%s: %s\n\n", program->name, program->summary);
    print_usage(out, program);
    o = table_at(program, 0);
    if (!o || o->name || o->letter)
        fputs("\nOptions:\n", out);
    for (size_t i = 0; (o = table_at(program, i)); i++) {
        if (i > 0 && o == shared_at(program->groups, 0))
            fputs("\nCommon options:\n", out);
        if (o->help && !o->name && !o->letter)
            fprintf(out, "\n%s:\n", o->help);
        else if (o->help)
            print_option(out, o);
    }
    for (size_t i = 0; i < 2; i++)
        print_option(out, &builtin[i]);
    fprintf(out, "\nSee %s(1) for examples, exit status and environment.\n",
        program->name);
}
