/* SPDX-License-Identifier: GPL-2.0-or-later */
/* --print-manual: the manual page, as roff.  The build calls it; what is said
 * of an option is said once, in its table. */
#include <config.h>

#include <ctype.h>
#include <string.h>

#include "tool/table.h"

/* Text with what roff would read as its own made harmless. */
static void
put_text(FILE *out, const char *text)
{
    if (*text == '.' || *text == '\'')
        fputs("\\&", out);
    for (; *text; text++) {
        if (*text == '\\')
            fputs("\\e", out);
        else if (*text == '-')
            fputs("\\-", out);
        else
            putc(*text, out);
    }
}

static void
put_option(FILE *out, const struct tool_option *o)
{
    fputs(".TP\n", out);
    if (o->letter)
        fprintf(out, "\\fB\\-%c\\fR%s", o->letter, o->name ? ", " : "");
    if (o->name) {
        fputs("\\fB\\-\\-", out);
        put_text(out, o->name);
        fputs("\\fR", out);
    }
    if (table_optional_value(o))
        fprintf(
            out, "[=\\fI%.*s\\fR]", (int)strlen(o->value) - 2, o->value + 1);
    else if (o->value)
        fprintf(out, " \\fI%s\\fR", o->value);
    putc('\n', out);
    put_text(out, o->help);
    putc('\n', out);
}

static void
put_synopsis(FILE *out, const struct tool_program *program)
{
    const char *line = program->usage;

    fputs(".SH SYNOPSIS\n.nf\n", out);
    while (line && *line) {
        char text[512];
        int n = (int)strcspn(line, "\n");

        snprintf(text, sizeof text, "%.*s", n, line);
        fputs("\\fB", out);
        put_text(out, program->name);
        fputs("\\fR ", out);
        put_text(out, text);
        putc('\n', out);
        line += n;
        if (*line)
            line++;
    }
    fputs(".fi\n", out);
}

static const char common_sections[] =
    ".SH EXIT STATUS\n"
    ".TP\n0\nAll was done.\n"
    ".TP\n1\nThe job failed.\n"
    ".TP\n2\nThe command line is wrong; nothing was done.\n"
    ".TP\n3\nAn input image cannot be opened or understood.\n"
    ".TP\n4\nSomething is encrypted and no key fits.\n"
    ".TP\n5\nNo operating system was found.\n"
    ".TP\n6\nThe appliance or QEMU cannot start.\n"
    ".TP\n130, 143\nEnded by SIGINT (Ctrl\\-C) or SIGTERM, after cleaning "
    "up.\n"
    ".SH ENVIRONMENT\n"
    ".TP\n\\fBMAYFLY_TRACE\\fR=1\nOne line on stderr for every call, with "
    "its time.\n"
    ".TP\n\\fBMAYFLY_DEBUG\\fR=1\nWhat the engine does, and the console of "
    "the appliance.\n"
    ".TP\n\\fBMAYFLY_DEBUG\\fR=timing\nOne line for every step and call: "
    "the time since the start, and what\nthe step took.\n"
    ".TP\n\\fBMAYFLY_RUN_ID\\fR\nA name for this run, found in every line of "
    "the above.\n"
    ".TP\n\\fBMAYFLY_ACCEL\\fR\nkvm, tcg or auto (default).\n"
    ".TP\n\\fBMAYFLY_APPLIANCE\\fR\nThe folder of the appliance's kernel and "
    "initrd.\n"
    ".TP\n\\fBXDG_CACHE_HOME\\fR\nWhere the saved appliance is kept, in "
    "mayfly/.\n"
    ".TP\n\\fBNO_COLOR\\fR\nNo colours.\n";

void
table_manual(const struct tool_program *program, FILE *out)
{
    const struct tool_option *o;

    fputs(".TH ", out);
    for (const char *p = program->name; *p; p++)
        putc(toupper((unsigned char)*p), out);
    fprintf(out, " 1 \"\" \"mayfly %s\" \"User Commands\"\n", PACKAGE_VERSION);
    fputs(".SH NAME\n", out);
    put_text(out, program->name);
    fputs(" \\- ", out);
    put_text(out, program->summary);
    putc('\n', out);
    put_synopsis(out, program);

    const char *const *sections = program->manual;
    if (sections && *sections)
        fputs(*sections++, out);
    fputs(".SH OPTIONS\n", out);
    for (size_t i = 0; (o = table_at(program, i)); i++) {
        if (i > 0 && o == shared_at(program->groups, 0))
            fputs(".SS Common options\n", out);
        if (o->help && !o->name && !o->letter) {
            fputs(".SS ", out);
            put_text(out, o->help);
            putc('\n', out);
        } else if (o->help)
            put_option(out, o);
    }
    fputs(".TP\n\\fB\\-\\-help\\fR\nshow a summary\n"
          ".TP\n\\fB\\-V\\fR, \\fB\\-\\-version\\fR\nshow the version\n",
        out);
    while (sections && *sections)
        fputs(*sections++, out);
    fputs(common_sections, out);
    fputs(".SH SEE ALSO\n.BR mayfish (1),\n.BR mayfly\\-inspector (1),\n"
          ".BR mayfly\\-builder (1),\n.BR mayfly (3)\n",
        out);
}
