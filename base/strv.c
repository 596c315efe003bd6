/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <config.h>

#include "base/strv.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"

size_t
strv_length(char *const *v)
{
    size_t n = 0;

    while (v && v[n])
        n++;
    return n;
}

int
strv_take(char ***v, char *s)
{
    if (!s)
        return -1;

    size_t n = strv_length(*v);
    /* Grow at powers of two, so that appending stays linear. */
    if ((n & (n + 1)) == 0) {
        char **bigger = reallocarray(*v, (n + 1) * 2, sizeof(char *));

        if (!bigger) {
            free(s);
            errno = ENOMEM;
            return -1;
        }
        *v = bigger;
    }
    (*v)[n] = s;
    (*v)[n + 1] = NULL;
    return 0;
}

int
strv_append(char ***v, const char *s)
{
    return strv_take(v, strdup(s));
}

int
strv_printf(char ***v, const char *format, ...)
{
    va_list args;
    char *s;

    va_start(args, format);
    int n = vasprintf(&s, format, args);
    va_end(args);

    return n < 0 ? -1 : strv_take(v, s);
}

int
strv_extend(char ***v, const char *const *words)
{
    for (; *words; words++)
        if (strv_append(v, *words) < 0)
            return -1;
    return 0;
}

char **
strv_copy(char *const *v)
{
    size_t n = strv_length(v);
    cleanup_strv char **copy = NULL;

    for (size_t i = 0; i < n; i++) {
        if (strv_append(&copy, v[i]) < 0)
            return NULL;
    }
    return copy ? steal_pointer(&copy) : calloc(2, sizeof(char *));
}

const char *
strv_value(char *const *pairs, const char *key)
{
    for (size_t i = 0; pairs[i] && pairs[i + 1]; i += 2)
        if (str_equal(pairs[i], key))
            return pairs[i + 1];
    return "";
}

bool
strv_contains(char *const *v, const char *s)
{
    for (size_t i = 0; v && v[i]; i++) {
        if (str_equal(v[i], s))
            return true;
    }
    return false;
}

void
strv_free(char **v)
{
    for (size_t i = 0; v && v[i]; i++)
        free(v[i]);
    free(v);
}

void
strv_freep(char ***v)
{
    strv_free(*v);
}

char *
path_folder(const char *path)
{
    const char *slash = strrchr(path, '/');

    if (!slash)
        return strdup(".");
    return strndup(path, slash == path ? 1 : (size_t)(slash - path));
}

char *
text_printf(const char *format, ...)
{
    va_list args;
    char *s;

    va_start(args, format);
    int n = vasprintf(&s, format, args);
    va_end(args);

    return n < 0 ? NULL : s;
}

char *
text_quote(const char *s)
{
    size_t n = strlen(s);
    char *out = n < SIZE_MAX / 4 - 1 ? malloc(4 * n + 3) : NULL, *to = out;

    if (!out)
        return NULL;
    *to++ = '\'';
    for (; *s; s++) {
        if (*s == '\'')
            to = stpcpy(to, "'\\''");
        else
            *to++ = *s;
    }
    *to++ = '\'';
    *to = '\0';
    return out;
}

/* The length of the UTF-8 sequence at S, 0 if it is invalid.  RFC 3629: no
 * overlong forms, no surrogates, nothing above U+10FFFF. */
static size_t
utf8_length(const unsigned char *s)
{
    size_t n = s[0] < 0x80                   ? 1
               : s[0] >= 0xc2 && s[0] < 0xe0 ? 2
               : s[0] >= 0xe0 && s[0] < 0xf0 ? 3
               : s[0] >= 0xf0 && s[0] < 0xf5 ? 4
                                             : 0;

    for (size_t i = 1; i < n; i++) {
        if ((s[i] & 0xc0) != 0x80)
            return 0;
    }
    if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] >= 0xa0) ||
        (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] >= 0x90))
        return 0;
    /* U+0080 to U+009F are control characters too. */
    if (s[0] == 0xc2 && s[1] < 0xa0)
        return 0;
    return n;
}

/* Characters that show nothing but change how the text around them is shown:
 * marks and overrides of the direction of writing, separators of lines and
 * paragraphs.  With them a name reads as another one. */
static bool
is_deceptive(const unsigned char *s, size_t n)
{
    unsigned c =
        n == 2   ? (s[0] & 0x1fu) << 6 | (s[1] & 0x3fu)
        : n == 3 ? (s[0] & 0xfu) << 12 | (s[1] & 0x3fu) << 6 | (s[2] & 0x3fu)
                 : 0;

    return c == 0x61c || c == 0x200e || c == 0x200f ||
           (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x206f);
}

static char *
escape(const char *s, bool shown)
{
    char *out = malloc(strlen(s) * 4 + 1), *o = out;

    if (!out)
        return NULL;
    for (const unsigned char *p = (const unsigned char *)s; *p;) {
        size_t n = utf8_length(p);

        if (n == 0 || (n == 1 && (*p < 0x20 || *p == 0x7f)))
            n = 0;
        else if (!shown || !is_deceptive(p, n)) {
            memcpy(o, p, n);
            o += n;
            p += n;
            continue;
        }
        do
            o += sprintf(o, "\\x%02x", *p++);
        while (n > 0 && --n > 0);
    }
    *o = 0;
    return out;
}

char *
text_escape(const char *s)
{
    return escape(s, true);
}

char *
text_escape_controls(const char *s)
{
    return escape(s, false);
}
