/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every character passes put_character or roff_plain, so no text can hold a
 * request or an escape by accident; a line of text never starts with what
 * roff takes for one. */
#include <config.h>

#include "tool/roff.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strv.h"

enum { INDENT = 4 };

/* Before a word; in the middle of one it has another meaning. */
#define NEVER_HYPHENATED "\\%"

static void
put_character(FILE *out, char c)
{
    static const char special[] = "\\-'`^~\"";
    static const char *const names[] = {
        "\\e", "\\-", "\\(aq", "\\(ga", "\\(ha", "\\(ti", "\\(dq"};
    const char *found = c ? strchr(special, c) : NULL;

    if (found)
        fputs(names[found - special], out);
    else
        putc(c, out);
}

static void
put_characters(FILE *out, const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++)
        put_character(out, text[i]);
}

void
roff_plain(FILE *out, const char *text)
{
    put_characters(out, text, strlen(text));
}

void
roff_macro(FILE *out, const char *macro, const char *text)
{
    fprintf(out, ".%s \"", macro);
    roff_plain(out, text);
    fputs("\"\n", out);
}

static void
put_bold(FILE *out, const char *text, size_t n)
{
    fputs("\\fB", out);
    put_characters(out, text, n);
    fputs("\\fR", out);
}

/* The length of the name in NAME(3), else 0. */
static size_t
page_name(const char *word, size_t n)
{
    size_t name = strcspn(word, "( \n");

    return name > 0 && name + 3 <= n && word[name] == '(' &&
                   isdigit((unsigned char)word[name + 1]) &&
                   word[name + 2] == ')' && isalpha((unsigned char)word[0])
               ? name
               : 0;
}

/* -a, --add, -on, $TMPDIR, MAYFLY_DEBUG: how much of the word is that? */
static size_t
bold_part(const char *word, size_t n)
{
    size_t used = 0;
    bool variable = str_after(word, "MAYFLY_") || word[0] == '$';

    if (word[0] == '-' && n > 1 && (word[1] == '-' || isalpha(word[1])))
        used = strspn(word, "-");
    else if (!variable)
        return 0;
    else if (word[0] == '$')
        used = 1;
    while (
        used < n && (isalnum((unsigned char)word[used]) || word[used] == '_' ||
                        (word[used] == '-' && !variable)))
        used++;
    return used > 1 ? used : 0;
}

static void
put_word(FILE *out, const char *word, size_t n)
{
    size_t open = strspn(word, "(\""), bold;

    if (open > n)
        open = n;
    bold = page_name(word + open, n - open);
    if (bold == 0 && open < n)
        bold = bold_part(word + open, n - open);
    if (bold > 0)
        fputs(NEVER_HYPHENATED, out);
    put_characters(out, word, open);
    if (bold > 0)
        put_bold(out, word + open, bold);
    put_characters(out, word + open + bold, n - open - bold);
}

/* Running text up to the end of the line at TEXT. */
static void
put_line(FILE *out, const char *text)
{
    bool first = true;

    while (*text && *text != '\n') {
        size_t blanks = strspn(text, " "), n;

        if (blanks > 0 && !first)
            putc(' ', out);
        text += blanks;
        if (*text == '`') {
            n = strcspn(text + 1, "`\n");
            if (first || blanks > 0)
                fputs(NEVER_HYPHENATED, out);
            put_bold(out, text + 1, n);
            text += 1 + n + (text[1 + n] == '`');
        } else if (*text && *text != '\n') {
            n = strcspn(text, " `\n");
            if (first && *text == '.')
                fputs("\\&", out);
            put_word(out, text, n);
            text += n;
        }
        first = false;
    }
    putc('\n', out);
}

static const char *
next_line(const char *text)
{
    text += strcspn(text, "\n");
    return *text ? text + 1 : text;
}

static const char *
put_code(FILE *out, const char *text, size_t indent)
{
    fputs(".PP\n.in +4n\n.EX\n", out);
    while (*text && strncmp(text, "    ", indent) == 0) {
        const char *line = text + indent;
        size_t n = strcspn(line, "\n");

        if (*line == '.')
            fputs("\\&", out);
        put_characters(out, line, n);
        putc('\n', out);
        text = next_line(text);
    }
    fputs(".EE\n.in\n", out);
    return text;
}

static void
put_title(FILE *out, const char *macro, const char *text)
{
    size_t n = strcspn(text, "\n");

    fprintf(out, ".%s \"", macro);
    put_characters(out, text, n);
    fputs("\"\n", out);
}

static void
put_text(FILE *out, const char *text, const char *paragraph)
{
    bool pending = false; /* is a new paragraph due before the next words? */

    while (*text) {
        const char *title = str_after(text, "## ");
        const char *term = str_after(text, "* ");

        if (str_after(text, "    ")) {
            text = put_code(out, text, INDENT);
            pending = true;
            continue;
        }
        if (*text == '\n') {
            pending = true;
        } else if (title) {
            put_title(out, "SS", title);
            pending = false;
        } else if (term) {
            fputs(".TP\n\\fB", out);
            put_characters(out, term, strcspn(term, "\n"));
            fputs("\\fR\n", out);
            pending = false;
        } else {
            if (pending)
                fprintf(out, "%s\n", paragraph);
            put_line(out, text);
            pending = false;
        }
        text = next_line(text);
    }
}

void
roff_text(FILE *out, const char *text)
{
    put_text(out, text, ".PP");
}

void
roff_item_text(FILE *out, const char *text)
{
    put_text(out, text, ".IP");
}

void
roff_sentence(FILE *out, const char *text)
{
    size_t n = strlen(text);
    cleanup_free char *sentence = text_printf(
        "%s%s", text, n > 0 && strchr(".?!", text[n - 1]) ? "" : ".");

    if (!sentence)
        return;
    sentence[0] = (char)toupper((unsigned char)sentence[0]);
    put_line(out, sentence);
}

void
roff_code(FILE *out, const char *text)
{
    put_code(out, text, 0);
}

void
roff_see_also(FILE *out, const char *pages)
{
    fputs(".SH SEE ALSO\n", out);
    pages += strspn(pages, " \n");
    while (*pages) {
        size_t name = strcspn(pages, "("), n = strcspn(pages, " \n");

        fputs(".BR ", out);
        put_characters(out, pages, name < n ? name : n);
        if (name < n)
            fprintf(out, " %.*s", (int)(n - name), pages + name);
        pages += n;
        pages += strspn(pages, " \n");
        fputs(*pages ? ",\n" : "\n", out);
    }
}
