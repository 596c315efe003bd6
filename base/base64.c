/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <config.h>

#include "base/base64.h"

#include <stdint.h>
#include <string.h>

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                             "abcdefghijklmnopqrstuvwxyz0123456789+/";

char *
base64_encode(const void *data, size_t n, char *to)
{
    const uint8_t *b = data;

    for (; n > 0; b += 3, n -= n < 3 ? n : 3) {
        uint32_t v = (uint32_t)b[0] << 16 | (uint32_t)(n > 1 ? b[1] : 0) << 8 |
                     (uint32_t)(n > 2 ? b[2] : 0);

        *to++ = digits[v >> 18];
        *to++ = digits[v >> 12 & 63];
        *to++ = n > 1 ? digits[v >> 6 & 63] : '=';
        *to++ = n > 2 ? digits[v & 63] : '=';
    }
    return to;
}

bool
base64_decode(const char *text, void *to, size_t *ret_size)
{
    uint8_t *out = to, *begin = to;

    for (; *text; text += 4) {
        uint32_t v = 0;
        int n = 0;

        /* strchr would find the zero byte at the end. */
        for (; n < 4 && text[n]; n++) {
            const char *digit = strchr(digits, text[n]);

            if (!digit)
                break;
            v = v << 6 | (uint32_t)(digit - digits);
        }
        bool whole = n == 4 || (n == 3 && text[3] == '=' && !text[4]) ||
                     (n == 2 && text[2] == '=' && text[3] == '=' && !text[4]);
        /* What is left over is zero in the one way to write it. */
        if (!whole || (n == 3 && v & 3) || (n == 2 && v & 15))
            return false;
        v <<= 6 * (4 - n);
        *out++ = (uint8_t)(v >> 16);
        if (n > 2)
            *out++ = (uint8_t)(v >> 8);
        if (n > 3)
            *out++ = (uint8_t)v;
        if (n < 4)
            break;
    }
    *ret_size = (size_t)(out - begin);
    return true;
}
