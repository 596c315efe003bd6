/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The INI reader: what it accepts, and which line it rejects. */
#include <config.h>

#include "builder/catalog/ini.h"

#include "tests/unit/test.h"

static struct ini
parse(const char *text)
{
    cleanup_error struct error err = {0};
    struct ini ini = {0};

    if (ini_parse(text, strlen(text), &ini, &err) < 0) {
        fprintf(stderr, "%s\n", error_text(&err));
        exit(1);
    }
    return ini;
}

static void
refuse(const char *text, const char *message)
{
    cleanup_error struct error err = {0};
    struct ini ini = {0};

    CHECK(ini_parse(text, strlen(text), &ini, &err) < 0);
    CHECK_STR(error_text(&err), message);
    CHECK(ini.n_sections == 0);
}

TEST(sections_and_fields)
{
    cleanup_ini struct ini ini = parse("[a-1.x_Y] \t\n"
                                       "key=value\n"
                                       "key[de_AT]= v=[x] \n"
                                       "\n"
                                       "[b]\n"
                                       "empty=\n"
                                       "last=no newline");

    CHECK(ini.n_sections == 2);
    CHECK_STR(ini.sections[0].id, "a-1.x_Y");
    CHECK_STR(ini_get(&ini.sections[0], "key", NULL), "value");
    CHECK_STR(ini_get(&ini.sections[0], "key", "de_AT"), " v=[x] ");
    CHECK(!ini_get(&ini.sections[0], "empty", NULL));
    CHECK_STR(ini_get(&ini.sections[1], "empty", NULL), "");
    CHECK_STR(ini_get(&ini.sections[1], "last", NULL), "no newline");
    CHECK(ini.sections[1].line == 5);
}

TEST(sections_without_blank_line)
{
    cleanup_ini struct ini ini = parse("[a]\nx=1\n[b]\nx=2\n[a]\nx=3\n");

    CHECK(ini.n_sections == 3);
    CHECK_STR(ini_get(&ini.sections[2], "x", NULL), "3");
}

TEST(comments_only_in_column_0)
{
    cleanup_ini struct ini ini = parse("# one\n[a]\n#x=1\nx=#2\n # 3\n");

    CHECK_STR(ini_get(&ini.sections[0], "x", NULL), "#2\n# 3");
    CHECK(ini.sections[0].n_fields == 1);
}

TEST(continuation)
{
    cleanup_ini struct ini ini = parse("[a]\nnotes=one\n two\n\tthree\n"
                                       "  four\nx=1\n");

    CHECK_STR(
        ini_get(&ini.sections[0], "notes", NULL), "one\ntwo\nthree\n four");
    CHECK_STR(ini_get(&ini.sections[0], "x", NULL), "1");
}

/* OpenPGP strips the blank that made such a line a continuation. */
TEST(blank_line_in_continued_value)
{
    cleanup_ini struct ini ini = parse("[a]\nnotes=one\n\n\n two\n\n[b]\n");

    CHECK_STR(ini_get(&ini.sections[0], "notes", NULL), "one\n\n\ntwo");
}

TEST(carriage_return_stays_in_values)
{
    cleanup_ini struct ini ini = parse("[a]\nx=1\r\n");

    CHECK_STR(ini_get(&ini.sections[0], "x", NULL), "1\r");
}

TEST(nothing)
{
    cleanup_ini struct ini ini = parse("");

    CHECK(ini.n_sections == 0);
}

TEST(refused)
{
    refuse("x=1\n", "line 1: a field before the first section");
    refuse(" x\n", "line 1: a continuation without a value");
    refuse("[a]\n x\n", "line 2: a continuation without a value");
    refuse("[a]\nx=1\n[b]\n y\n", "line 4: a continuation without a value");
    refuse("[]\n", "line 1: bad section name");
    refuse("[a\n", "line 1: bad section name");
    refuse("[a b]\n", "line 1: bad section name");
    refuse("[a/b]\n", "line 1: bad section name");
    refuse("[a] x\n", "line 1: text after a section name");
    refuse("[a]\r\n", "line 1: text after a section name");
    refuse("\n\n[a]\nfoo\n", "line 4: neither [SECTION] nor KEY=VALUE");
    refuse("[a]\nfoo bar=1\n", "line 2: neither [SECTION] nor KEY=VALUE");
    refuse("[a]\n=1\n", "line 2: neither [SECTION] nor KEY=VALUE");
    refuse("[a]\nx[]=1\n", "line 2: bad name in [ ]");
    refuse("[a]\nx[a=1\n", "line 2: bad name in [ ]");
    refuse("[a]\nx[a-b]=1\n", "line 2: bad name in [ ]");
    refuse("[a]\nx[a]\n", "line 2: neither [SECTION] nor KEY=VALUE");
    refuse("[a]\nx=1\nx=2\n", "line 3: 'x' appears twice in [a]");
    refuse("[a]\nx[b]=1\nx[b]=2\n", "line 3: 'x' appears twice in [a]");
}

TEST(nul_byte)
{
    cleanup_error struct error err = {0};
    struct ini ini;

    CHECK(ini_parse("[a]\nx=\0\n", 8, &ini, &err) < 0);
    CHECK_STR(error_text(&err), "line 2: a NUL byte");
}

TEST(too_many_fields)
{
    cleanup_error struct error err = {0};
    struct ini ini;
    char *text = malloc(INI_MAX_FIELDS * 16 + 32);
    char *p = text + sprintf(text, "[a]\n");

    for (int i = 0; i <= INI_MAX_FIELDS; i++)
        p += sprintf(p, "x%d=1\n", i);
    CHECK(ini_parse(text, strlen(text), &ini, &err) < 0);
    CHECK_STR(error_text(&err), "line 258: too many fields in a section");
    free(text);
}

/* Every truncation and every flipped byte: a result, never a crash. */
TEST(damaged)
{
    static const char good[] = "# c\n[a-1]\nx=1\ny[s]=2\n three\n\n[b]\nz=\n";
    char text[sizeof good];

    for (size_t at = 0; at < sizeof good; at++) {
        for (int flip = 0; flip < 256; flip++) {
            cleanup_error struct error err = {0};
            cleanup_ini struct ini ini = {0};

            memcpy(text, good, sizeof good);
            text[at] = (char)(text[at] ^ flip);
            ini_parse(text, at + 1, &ini, &err);
            ini_free(&ini);
            error_clear(&err);
            ini_parse(text, sizeof good - 1, &ini, &err);
        }
    }
}
