/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include <errno.h>
#include <stdint.h>

#include "fish/values.h"
#include "tests/unit/test.h"

/* The number, or LOWEST if it is refused. */
static int64_t
number(const char *word)
{
    cleanup_error struct error err = {0};
    int64_t n = INT64_MIN;

    if (number_parse(word, INT64_MIN + 1, INT64_MAX, &n, &err) < 0) {
        CHECK(err.code && strstr(error_text(&err), word));
        return INT64_MIN;
    }
    return n;
}

#define REFUSED(word) CHECK(number(word) == INT64_MIN)

TEST(radix)
{
    CHECK(number("0") == 0);
    CHECK(number("10") == 10);
    CHECK(number("010") == 8);
    CHECK(number("0x10") == 16);
    CHECK(number("0X1f") == 31);
    CHECK(number("-5") == -5);
    CHECK(number("+5") == 5);
    REFUSED("");
    REFUSED("-");
    REFUSED("x");
    REFUSED("08");
    REFUSED("--5");
    REFUSED(" 5");
    REFUSED("5 ");
    REFUSED("1.5");
}

TEST(units)
{
    CHECK(number("1k") == 1024);
    CHECK(number("1K") == 1024);
    CHECK(number("1KiB") == 1024);
    CHECK(number("1KB") == 1000);
    CHECK(number("2M") == 2 << 20);
    CHECK(number("1G") == 1 << 30);
    CHECK(number("1T") == INT64_C(1) << 40);
    CHECK(number("7E") == INT64_C(7) << 60);
    CHECK(number("-1G") == -(1 << 30));
    CHECK(number("k") == 1024);
    CHECK(number("0Y") == 0);
    REFUSED("1m");
    REFUSED("1Kib");
    REFUSED("1KiBx");
    REFUSED("1KK");
    REFUSED("8E");
    REFUSED("1Z");
    REFUSED("1Y");
}

TEST(limits)
{
    cleanup_error struct error err = {0};
    int64_t n = 7;
    uint64_t u = 7;

    CHECK(number("9223372036854775807") == INT64_MAX);
    REFUSED("9223372036854775808");
    REFUSED("99999999999999999999999");
    CHECK(number_parse(
              "-9223372036854775808", INT64_MIN, INT64_MAX, &n, &err) == 0 &&
          n == INT64_MIN);
    CHECK(number_parse("2147483648", INT32_MIN, INT32_MAX, &n, &err) < 0);
    CHECK(err.code == ERANGE && n == INT64_MIN);
    CHECK(number_parse("4", 0, 3, &n, &err) < 0);
    CHECK(number_parse_unsigned("18446744073709551615", UINT64_MAX, &u, &err) ==
              0 &&
          u == UINT64_MAX);
    CHECK(number_parse_unsigned("18446744073709551616", UINT64_MAX, &u, &err) <
          0);
    CHECK(number_parse_unsigned("-1", UINT64_MAX, &u, &err) < 0);
    CHECK(number_parse_unsigned("5", 4, &u, &err) < 0);
}

TEST(truth)
{
    static const char *const yes[] = {
        "1", "true", "t", "yes", "y", "on", "TRUE", "On"};
    static const char *const no[] = {
        "0", "false", "f", "no", "n", "off", "False"};
    cleanup_error struct error err = {0};
    bool value;

    for (size_t i = 0; i < sizeof yes / sizeof yes[0]; i++)
        CHECK(bool_parse(yes[i], &value, &err) == 0 && value);
    for (size_t i = 0; i < sizeof no / sizeof no[0]; i++)
        CHECK(bool_parse(no[i], &value, &err) == 0 && !value);
    CHECK(bool_parse("2", &value, &err) < 0);
    CHECK(bool_parse("", &value, &err) < 0);
    CHECK(bool_parse("tru", &value, &err) < 0);
}
