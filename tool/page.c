/* SPDX-License-Identifier: GPL-2.0-or-later */
/* page NAME SECTION: a page that belongs to no program, as roff.  Standard
 * input has the text as tool/manual.h describes it: the line of NAME first,
 * then sections, each after a line "# TITLE".  "@files" is replaced by that
 * section for all programs.  Only the build runs it. */
#include <config.h>

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/strv.h"
#include "tool/environment.h"
#include "tool/exit.h"
#include "tool/print.h"
#include "tool/roff.h"

enum { TEXT_MAX = 1 << 20 };

static void
put_head(const char *name, const char *section, const char *summary)
{
    fputs(".TH ", stdout);
    for (const char *p = name; *p; p++)
        putchar(toupper((unsigned char)*p));
    printf(" %s \"\" \"mayfly %s\" \"Miscellaneous\"\n.SH NAME\n", section,
        PACKAGE_VERSION);
    roff_plain(stdout, name);
    fputs(" \\- ", stdout);
    roff_plain(stdout, summary);
    putchar('\n');
}

/* The section that begins at *TEXT, up to the line that begins the next. */
static char *
take_piece(char **text)
{
    char *start = *text;

    for (char *line = start; *line;) {
        char *end = line + strcspn(line, "\n");

        if (line > start &&
            ((line[0] == '#' && line[1] == ' ') || line[0] == '@')) {
            line[-1] = 0;
            *text = line;
            return start;
        }
        line = *end ? end + 1 : end;
    }
    *text += strlen(*text);
    return start;
}

static void
put_piece(char *piece)
{
    const char *title = str_after(piece, "# ");
    size_t n = strcspn(piece, "\n");
    char *text = piece + n + (piece[n] == '\n');

    piece[n] = 0;
    if (str_equal(piece, "@files"))
        files_manual(NULL, stdout);
    else if (title && str_equal(title, "SEE ALSO"))
        roff_see_also(stdout, text);
    else if (title) {
        roff_macro(stdout, "SH", title);
        while (*text == '\n')
            text++;
        roff_text(stdout, text);
    }
}

int
main(int argc, char **argv)
{
    static char buffer[TEXT_MAX];
    char *text = buffer;
    size_t size = fread(buffer, 1, sizeof buffer - 1, stdin);

    if (argc != 3 || size == 0 || size == sizeof buffer - 1) {
        fputs("usage: page NAME SECTION < TEXT\n", stderr);
        return TOOL_USAGE;
    }
    char *summary = strsep(&text, "\n");
    put_head(argv[1], argv[2], summary);
    while (text && *text)
        put_piece(take_piece(&text));
    return tool_finish_output(TOOL_OK);
}
