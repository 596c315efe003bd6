/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "fish/values.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strv.h"

/* The factor of a unit: its base and exponent. -1: not a unit. */
static int
parse_unit(const char *unit, uint64_t *ret_base)
{
    static const char letters[] = "KMGTPEZY";
    const char *at;

    *ret_base = 1024;
    if (!*unit)
        return 0;
    at = strchr(letters, *unit == 'k' ? 'K' : *unit);
    if (!at)
        return -1;
    if (str_equal(unit + 1, "B"))
        *ret_base = 1000;
    else if (unit[1] && !str_equal(unit + 1, "iB"))
        return -1;
    return (int)(at - letters) + 1;
}

static int
too_large(const char *word, struct error *err)
{
    return error_set(err, ERANGE, "'%s' is out of range", word);
}

/* The absolute value. */
static int
parse_digits(
    const char *word, const char *digits, uint64_t *ret, struct error *err)
{
    char *end;
    uint64_t base;

    errno = 0;
    /* strtoull would accept blanks and a sign. */
    bool plain = digits[0] >= '0' && digits[0] <= '9';
    uint64_t n = plain ? strtoull(digits, &end, 0) : 1;
    if (plain && errno)
        return too_large(word, err);
    const char *unit = plain ? end : digits;
    int power = parse_unit(unit, &base);
    if (power < 0 || (!plain && power == 0)) {
        return plain ? error_set(err, EINVAL,
                           "'%s': unknown unit '%s'; use k K M G T P E, "
                           "followed by iB or B if you like",
                           word, unit)
                     : error_set(err, EINVAL, "'%s' is not a number", word);
    }
    while (power-- > 0) {
        if (__builtin_mul_overflow(n, base, &n))
            return too_large(word, err);
    }
    *ret = n;
    return 0;
}

int
number_parse(const char *word, int64_t low, int64_t high, int64_t *ret,
    struct error *err)
{
    bool negative = word[0] == '-';
    uint64_t n;

    if (parse_digits(word, word + (negative || word[0] == '+'), &n, err) < 0)
        return -1;
    if (n > (uint64_t)INT64_MAX + negative)
        return too_large(word, err);
    int64_t value = negative ? (int64_t)(0 - n) : (int64_t)n;
    if (value < low || value > high)
        return error_set(err, ERANGE,
            "'%s' is out of range, %" PRId64 " to %" PRId64, word, low, high);
    *ret = value;
    return 0;
}

int
number_parse_unsigned(
    const char *word, uint64_t high, uint64_t *ret, struct error *err)
{
    uint64_t n;

    if (parse_digits(word, word + (word[0] == '+'), &n, err) < 0)
        return -1;
    if (n > high)
        return error_set(
            err, ERANGE, "'%s' is out of range, 0 to %" PRIu64, word, high);
    *ret = n;
    return 0;
}

int
bool_parse(const char *word, bool *ret, struct error *err)
{
    static const char *const yes[] = {"1", "true", "t", "yes", "y", "on"};
    static const char *const no[] = {"0", "false", "f", "no", "n", "off"};

    for (size_t i = 0; i < N_ELEMENTS(yes); i++) {
        if (strcasecmp(word, yes[i]) == 0 || strcasecmp(word, no[i]) == 0) {
            *ret = strcasecmp(word, yes[i]) == 0;
            return 0;
        }
    }
    return error_set(
        err, EINVAL, "invalid boolean '%s'; use 'true' or 'false'", word);
}
