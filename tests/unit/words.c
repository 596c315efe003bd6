/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "base/strv.h"
#include "fish/words.h"
#include "tests/unit/test.h"

/* The last text shown, kept until the next. */
static char *
keep(char *text)
{
    static char *kept;

    free(kept);
    kept = text;
    return text;
}

/* A line as "word|word|..."; quoted words in [ ]; a pipe as " -> host". */
static char *
show(const char *text)
{
    cleanup_error struct error err = {0};
    cleanup_line struct line line = {0};
    char *out = strdup("");

    if (line_parse(text, &line, &err) < 0) {
        free(out);
        return keep(text_printf("error: %s", error_text(&err)));
    }
    for (size_t i = 0; i < line.n_words; i++) {
        const struct word *w = &line.words[i];
        char *more = text_printf("%s%s%s%s%s", out, i > 0 ? "|" : "",
            w->quoted ? "[" : "", w->text, w->quoted ? "]" : "");

        free(out);
        out = more;
    }
    if (line.host) {
        char *more = text_printf("%s -> %s", out, line.host);

        free(out);
        out = more;
    }
    return keep(out);
}

#define CHECK_LINE(text, expected) CHECK_STR(show(text), expected)

TEST(plain_words)
{
    CHECK_LINE("", "");
    CHECK_LINE("   \t ", "");
    CHECK_LINE("# comment", "");
    CHECK_LINE("  # comment", "");
    CHECK_LINE("cat /a", "cat|/a");
    CHECK_LINE("\t cat \t /a  ", "cat|/a");
    CHECK_LINE("write /a #b", "write|/a|#b");
    CHECK_LINE("cat a\"b c'd", "cat|a\"b|c'd");
    CHECK_LINE("a b\\", "a|b\\");
}

TEST(carriage_return)
{
    CHECK_LINE("cat /a\r", "cat|/a");
    CHECK_LINE("cat /a \r", "cat|/a");
    CHECK_LINE("\r", "");
    CHECK_LINE("cat \"/a\"\r", "cat|[/a]");
    CHECK_LINE("a \rb", "a|\rb");
}

TEST(double_quotes)
{
    CHECK_LINE("a \"b c\" d", "a|[b c]|d");
    CHECK_LINE("a \"\"", "a|[]");
    CHECK_LINE("a \"\\\\\\a\\b\\f\\n\\r\\t\\v\\\"\\'\\?\"",
        "a|[\\\a\b\f\n\r\t\v\"'?]");
    CHECK_LINE("a \"\\101\\x42\\x4a\"", "a|[ABJ]");
    CHECK_LINE("a \"\\377\"", "a|[\377]");
    CHECK_LINE("a \"'\"", "a|[']");
    CHECK_LINE("a \"~\" ~", "a|[~]|~");
}

TEST(bad_double_quotes)
{
    CHECK(strstr(show("a \"b"), "error: unterminated double quote"));
    CHECK(strstr(show("a \"b\\"), "error: "));
    CHECK(strstr(show("a \"b\\\""), "error: unterminated"));
    CHECK(strstr(show("a \"\\q\""), "error: invalid escape"));
    CHECK(strstr(show("a \"\\1\""), "error: invalid escape"));
    CHECK(strstr(show("a \"\\18\""), "error: invalid escape"));
    CHECK(strstr(show("a \"\\x4\""), "error: invalid escape"));
    CHECK(strstr(show("a \"\\xg0\""), "error: invalid escape"));
    CHECK(strstr(show("a \"\\000\""), "error: escape sequence"));
    CHECK(strstr(show("a \"\\x00\""), "error: escape sequence"));
    CHECK(strstr(show("a \"\\777\""), "error: escape sequence"));
    CHECK(strstr(show("a \"b\"c"), "not separated"));
    CHECK(strstr(show("a 'b'c"), "not separated"));
    CHECK(strstr(show("a 'b"), "error: unterminated single"));
}

TEST(single_quotes)
{
    CHECK_LINE("a 'b \\n \" c' d", "a|[b \\n \" c]|d");
    CHECK_LINE("a ''", "a|[]");
}

TEST(pipes)
{
    CHECK_LINE("cat /a | wc -l", "cat|/a ->  wc -l");
    CHECK_LINE("cat /a |wc '", "cat|/a -> wc '");
    CHECK_LINE("cat a|b", "cat|a|b");
    CHECK_LINE("cat '|' x", "cat|[|]|x");
}

TEST(prefixes)
{
    cleanup_error struct error err = {0};
    struct line line = {0};

    CHECK(line_parse("- -cat /a", &line, &err) == 0);
    CHECK(line.kind == LINE_COMMAND && line.ignore_error);
    CHECK_STR(line.words[0].text, "cat");
    line_free(&line);

    CHECK(line_parse("-! ls 'x", &line, &err) == 0);
    CHECK(line.kind == LINE_HOST && line.ignore_error);
    CHECK_STR(line.host, " ls 'x");
    line_free(&line);

    CHECK(line_parse(" <!echo run", &line, &err) == 0);
    CHECK(line.kind == LINE_SOURCE && !line.ignore_error);
    CHECK_STR(line.host, "echo run");
    line_free(&line);

    CHECK(line_parse("-", &line, &err) < 0);
    CHECK(line_parse("--", &line, &err) < 0);
    CHECK(line_parse("#", &line, &err) == 0);
    CHECK(line.kind == LINE_EMPTY);
}

TEST(long_lines)
{
    size_t n = 1 << 20;
    char *text = malloc(n + 1);

    CHECK(text);
    for (size_t i = 0; i < n; i++)
        text[i] = i % 2 ? ' ' : 'a';
    text[n] = 0;
    cleanup_error struct error err = {0};
    cleanup_line struct line line = {0};
    CHECK(line_parse(text, &line, &err) == 0);
    CHECK(line.n_words == n / 2);
    free(text);
}

static char *
show_list(const char *text)
{
    cleanup_error struct error err = {0};
    cleanup_strv char **list = list_parse(text, &err);
    char *out = strdup("");

    if (!list) {
        free(out);
        return keep(text_printf("error: %s", error_text(&err)));
    }
    for (size_t i = 0; list[i]; i++) {
        char *more = text_printf("%s<%s>", out, list[i]);

        free(out);
        out = more;
    }
    return keep(out);
}

TEST(lists)
{
    CHECK_STR(show_list(""), "");
    CHECK_STR(show_list("  "), "");
    CHECK_STR(show_list("a b"), "<a><b>");
    CHECK_STR(show_list(" a\tb "), "<a><b>");
    CHECK_STR(show_list("'a b' c"), "<a b><c>");
    CHECK_STR(show_list("'a b'c"), "<a bc>");
    CHECK_STR(show_list("a'b c'd"), "<ab cd>");
    CHECK_STR(show_list("it\\'s"), "<it's>");
    CHECK_STR(show_list("'it\\'s ok'"), "<it's ok>");
    CHECK_STR(show_list("''"), "<>");
    CHECK_STR(show_list("a\\b"), "<a\\b>");
    CHECK(strstr(show_list("'a"), "error: unterminated quote"));
    CHECK(strstr(show_list("'"), "error: unterminated quote"));
    CHECK(strstr(show_list("a '"), "error: unterminated quote"));
    CHECK(strstr(show_list("'\\'"), "error: unterminated quote"));
}
