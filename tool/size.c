/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "tool/size.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const char units[] = "bKMGT";

#define MAX_SIZE (UINT64_C(1) << 62)

static int
bad(const char *text, struct error *err)
{
    return error_set(err, EINVAL,
        "invalid size '%s'; write a number and one of b K M G T, as in 10G",
        text);
}

int
size_parse(const char *text, uint64_t *ret, struct error *err)
{
    const char *p = text;
    uint64_t whole = 0, fraction = 0, scale = 1;

    if (*p < '0' || *p > '9')
        return bad(text, err);
    for (; *p >= '0' && *p <= '9'; p++) {
        if (whole > MAX_SIZE / 10)
            return error_set(err, ERANGE, "the size '%s' is too large", text);
        whole = whole * 10 + (uint64_t)(*p - '0');
    }
    if (*p == '.') {
        if (p[1] < '0' || p[1] > '9')
            return bad(text, err);
        /* With six digits, fraction * 1T stays below 2^64. */
        for (p++; *p >= '0' && *p <= '9'; p++) {
            if (scale < 1000000) {
                fraction = fraction * 10 + (uint64_t)(*p - '0');
                scale *= 10;
            }
        }
    }

    uint64_t unit = 1;
    if (*p) {
        const char *found = strchr(units, *p == 'k' ? 'K' : *p);
        if (!found || p[1])
            return bad(text, err);
        unit <<= 10 * (found - units);
    }
    if (whole > MAX_SIZE / unit)
        return error_set(err, ERANGE, "the size '%s' is too large", text);

    uint64_t bytes = whole * unit + fraction * unit / scale;
    if (bytes == 0)
        return error_set(err, EINVAL, "the size '%s' is zero", text);
    *ret = bytes;
    return 0;
}

const char *
size_text(uint64_t bytes, char buffer[static 24])
{
    int unit = 0;
    uint64_t rest = 0;

    while (bytes >= 1024 && unit < 4) {
        rest = bytes % 1024;
        bytes /= 1024;
        unit++;
    }
    snprintf(buffer, 24, "%llu.%llu%c", (unsigned long long)bytes,
        (unsigned long long)(rest * 10 / 1024), units[unit]);
    return buffer;
}
