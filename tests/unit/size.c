/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "tool/size.h"

#include "tests/unit/test.h"

static uint64_t
parse(const char *text)
{
    cleanup_error struct error err = {0};
    uint64_t size = 0;

    if (size_parse(text, &size, &err) < 0) {
        fprintf(stderr, "%s\n", error_text(&err));
        exit(1);
    }
    return size;
}

static void
refuse(const char *text)
{
    cleanup_error struct error err = {0};
    uint64_t size = 42;

    if (size_parse(text, &size, &err) == 0) {
        fprintf(stderr, "'%s' is taken\n", text);
        exit(1);
    }
    CHECK(strstr(error_text(&err), text));
    CHECK(size == 42);
}

TEST(sizes)
{
    CHECK(parse("1") == 1);
    CHECK(parse("512b") == 512);
    CHECK(parse("10K") == 10240);
    CHECK(parse("10k") == 10240);
    CHECK(parse("6G") == UINT64_C(6) << 30);
    CHECK(parse("1T") == UINT64_C(1) << 40);
    CHECK(parse("1.5G") == UINT64_C(3) << 29);
    CHECK(parse("0.5K") == 512);
    CHECK(parse("4611686018427387904") == UINT64_C(1) << 62);
    CHECK(parse("4194304T") == UINT64_C(1) << 62);
}

TEST(refused)
{
    refuse("");
    refuse("0");
    refuse("0G");
    refuse("G");
    refuse("-1G");
    refuse("+1G");
    refuse(" 1G");
    refuse("1 G");
    refuse("1GB");
    refuse("1g");
    refuse("10%");
    refuse("1.G");
    refuse(".5G");
    refuse("0x10");
    refuse("4611686018427387905");
    refuse("4194305T");
    refuse("99999999999999999999");
}

TEST(text)
{
    char buffer[24];

    CHECK_STR(size_text(0, buffer), "0.0b");
    CHECK_STR(size_text(1536, buffer), "1.5K");
    CHECK_STR(size_text(UINT64_C(2) << 30, buffer), "2.0G");
    CHECK_STR(size_text(UINT64_MAX, buffer), "16777215.9T");
}
