/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "fish/prompt.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <readline/readline.h>

#include "base/cleanup.h"

/* The number in BASE of exactly DIGITS digits, or -1. */
static int
number(const char *text, int digits, int base)
{
    char copy[4] = {0};
    char *end;

    strncpy(copy, text, (size_t)digits);
    if (copy[0] == '-' || copy[0] == '+' || copy[0] == ' ')
        return -1;
    long value = strtol(copy, &end, base);
    return end == copy + digits && value <= 255 ? (int)value : -1;
}

/* The character of the escape after the backslash at *P, which moves past it.
 * Another letter is shown as a question mark. */
static char
escape(const char **p)
{
    static const char from[] = "\\aenr[]";
    static const char to[] = {'\\', '\a', '\033', '\n', '\r',
        RL_PROMPT_START_IGNORE, RL_PROMPT_END_IGNORE};
    const char *simple = **p ? strchr(from, **p) : NULL;
    bool hex = **p == 'x';
    int digits = hex ? 2 : 3;
    int value = number(*p + hex, digits, hex ? 16 : 8);

    if (value > 0) {
        *p += digits + hex;
        return (char)value;
    }
    *p += **p != 0;
    return simple ? to[simple - from] : '?';
}

char *
prompt_text(const char *text)
{
    char *result = malloc(strlen(text) + 1);
    size_t n = 0;

    if (!result)
        return NULL;
    while (*text) {
        if (*text == '\\') {
            text++;
            result[n++] = escape(&text);
        } else
            result[n++] = *text++;
    }
    result[n] = 0;
    return result;
}

void
prompt_print(const char *text)
{
    cleanup_free char *plain = text ? prompt_text(text) : NULL;

    if (plain)
        fputs(plain, stdout);
}
